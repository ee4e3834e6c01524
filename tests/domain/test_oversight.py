"""Who is told of a fault: whoever sees where it lies; of goods that lie nowhere, the root."""

from __future__ import annotations

import pytest

from supplyhub.domain.oversight import LedgerFault
from supplyhub.domain.people import Actor, Role

ROOT = Actor(1, "root", Role.SUPERVISOR, 1, "42", 0, 100, tenant_id=1)
COUNTY = Actor(2, "county", Role.SUPERVISOR, 7, "420101", 40, 60, tenant_id=1)


@pytest.mark.parametrize(
    ("fault", "by_root", "by_county"),
    [
        (LedgerFault("lot", "", pos=50), True, True),
        (LedgerFault("lot", "", pos=70), True, False),
        (LedgerFault("seal", ""), True, True),
        (LedgerFault("lot", "", lot="L-1"), True, False),
        (LedgerFault("request_line", "", item="mask"), True, False),
    ],
)
def test_who_sees_a_fault(fault: LedgerFault, by_root: bool, by_county: bool) -> None:
    assert (fault.is_seen_by(ROOT), fault.is_seen_by(COUNTY)) == (by_root, by_county)
