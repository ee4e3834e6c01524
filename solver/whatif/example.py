"""A file of variants to begin with, for the question in docs/example."""

EXAMPLE = """{
  "variants": [
    {"name": "放出保底 floors released", "changes": [
      {"change": "release-reserves"}
    ]},
    {"name": "修通石滩的路 road to Shitan mended", "changes": [
      {"change": "open-road", "from_code": "East", "to_code": "Shitan"}
    ]},
    {"name": "市库到货 a delivery at the city depot", "changes": [
      {"change": "add-stock", "depot_code": "City-depot", "item_code": "suit", "quantity": 60,
       "lot": "G", "expires_on": "2027-01-31"},
      {"change": "release-reserves", "depot_codes": ["City-depot"], "item_codes": ["suit"]}
    ]},
    {"name": "南坡改一级 Nanpo in class 1", "changes": [
      {"change": "change-request", "id": "4", "priority": 1, "weight": 1.5}
    ]},
    {"name": "县里少借 counties lend less", "changes": [
      {"change": "mutual-aid", "level": "county", "share": 0.2},
      {"change": "mutual-aid-basis", "basis": "surplus"}
    ]},
    {"name": "去西县的路断了 road to West cut", "changes": [
      {"change": "close-road", "from_code": "Hekou", "to_code": "West"}
    ]}
  ]
}
"""
