"""What codes are called wherever people read them, in English; the catalogue of translations has the Chinese."""

from __future__ import annotations

from supplyhub.domain.refusals import words

ROLES = {
    "keeper": words("warehouse keeper"),
    "planner": words("planner"),
    "township": words("township office"),
    "supervisor": words("supervisor"),
    "administrator": words("administrator"),
}

LEVELS = {
    "province": words("province"),
    "city": words("city"),
    "county": words("county"),
    "township": words("township"),
    "community": words("community"),
    "depot": words("depots"),
}

DEPOT_KINDS = {
    "government": words("government reserve"),
    "agreement": words("agreement reserve"),
    "capacity": words("production capacity"),
    "social": words("social reserve"),
    "household": words("household reserve"),
}

CONDITIONS = {"good": words("good"), "damaged": words("damaged"), "quarantined": words("quarantined")}

REASONS = {
    "delivery": words("delivery"),
    "donation": words("donation"),
    "opening": words("opening stock"),
    "return": words("returned after use"),
    "use": words("handed out for use"),
    "expired": words("expired"),
    "damaged": words("damaged"),
    "missing": words("missing"),
    "count": words("count difference"),
    "transfer": words("transfer"),
    "correction": words("correction"),
}

ACCOUNTS = {
    "on_hand": words("on hand"),
    "transit": words("in transit"),
    "supplier": words("supplier"),
    "opening": words("opening stock"),
    "used": words("used"),
    "lost": words("lost"),
    "scrapped": words("scrapped"),
    "conversion": words("conversion"),
}

ORDER_STATUSES = {
    "approved": words("to be dispatched"),
    "dispatched": words("on its way"),
    "received": words("arrived"),
    "cancelled": words("cancelled"),
    "recalled": words("recalled"),
    "lapsed": words("lapsed"),
}

RUN_STATUSES = {
    "queued": words("waiting"),
    "running": words("running"),
    "done": words("done"),
    "failed": words("failed"),
    "cancelled": words("cancelled"),
}

RUN_PHASES = {
    "": words("waiting"),
    "look": words("looking at stock and requests"),
    "ask": words("putting the question"),
    "solve": words("sharing out, item by item"),
    "check": words("proving the plan"),
    "pack": words("keeping the question"),
    "write": words("writing the plan down"),
    "sum": words("summing up"),
}

PLAN_STATUSES = {
    "proposed": words("proposed"),
    "approving": words("orders are being made"),
    "partly": words("partly approved"),
    "approved": words("approved"),
    "rejected": words("rejected"),
    "closed": words("partly ordered, the rest rejected"),
}

APPROVAL_STATUSES = {"queued": words("waiting"), "running": words("running"), "done": words("done")}

REQUEST_STATUSES = {"open": words("open"), "withdrawn": words("withdrawn")}

LINE_STATES = {
    "open": words("open"),
    "asked_back": words("amount unknown: please answer"),
    "withdrawn": words("withdrawn"),
}

PRIORITIES = {
    "1": words("Class 1: saves lives"),
    "2": words("Class 2: urgent"),
    "3": words("Class 3: needed"),
    "4": words("Class 4: useful"),
}

LIMITS = {
    "": words("granted in full"),
    "reserve-floor": words("A reserve floor holds stock back."),
    "closed": words("A road that would help is closed."),
    "mutual-aid": words("Neighbours may lend no more under the mutual-aid share."),
    "link-capacity": words("A link on the way carries no more."),
    "no-way": words("There is stock, but no open way leads here."),
    "stock": words("There is not enough stock; it was shared out fairly."),
    "not-planned": words("Not planned: the run was stopped before it came to this item."),
}

AID_BASES = {
    "stock": words("of what stands in the lender's depots"),
    "surplus": words("of what the lender's own requests leave over"),
}

SHIPMENT_REFUSALS = {
    "request-withdrawn": words("The request was withdrawn."),
    "already-ordered": words("The request was covered by other orders since."),
    "way-closed": words("The way was closed since."),
    "insufficient-stock": words("The stock went elsewhere since."),
    "lot-expired": words("The lot has expired since."),
}

SHIPMENT_STATES = {
    "open": words("not decided yet"),
    "ordered": words("ordered"),
    "refused": words("refused"),
}

VERBS = {
    "post_receipt": words("receipt"),
    "post_issue": words("issue"),
    "post_count": words("stock count"),
    "reverse_posting": words("reversal"),
    "dispatch_transfer": words("dispatch"),
    "receive_transfer": words("arrival"),
    "recall_transfer": words("recall"),
    "cancel_transfer": words("cancellation"),
    "make_transfer": words("transfer"),
    "import_stock": words("opening stock"),
}

CHECKS = {
    "chains": words("chains of entries and their balances"),
    "other_ends": words("accounts without a floor"),
    "reserved": words("what is reserved"),
    "orders": words("what is in transit and ordered"),
    "holds": words("holds for orders"),
    "accounts": words("accounts"),
    "lots": words("lots"),
    "items": words("items and places"),
    "strays": words("references to other rows"),
    "postings": words("postings and their answers"),
    "notes": words("notes"),
    "values": words("kinds of values"),
    "feed": words("the feed"),
    "seals": words("seals"),
    "sums": words("sums for overviews"),
    "export": words("the exported file"),
}
"""What the proof of the ledger looks at, one after the other."""

LABELS: dict[str, dict[str, str]] = {
    "check": CHECKS,
    "role": ROLES,
    "level": LEVELS,
    "depot": DEPOT_KINDS,
    "condition": CONDITIONS,
    "reason": REASONS,
    "account": ACCOUNTS,
    "order": ORDER_STATUSES,
    "run": RUN_STATUSES,
    "phase": RUN_PHASES,
    "plan": PLAN_STATUSES,
    "approval": APPROVAL_STATUSES,
    "request": REQUEST_STATUSES,
    "line": LINE_STATES,
    "priority": PRIORITIES,
    "limit": LIMITS,
    "basis": AID_BASES,
    "refused": SHIPMENT_REFUSALS,
    "shipment": SHIPMENT_STATES,
    "verb": VERBS,
}

NOUNS = {
    "division": words("place"),
    "depot": words("depot"),
    "item": words("item"),
    "posting": words("entry"),
    "note": words("note"),
    "lot": words("lot"),
    "request": words("request"),
    "request line": words("request line"),
    "transfer order": words("transfer order"),
    "planning run": words("planning run"),
    "plan": words("plan"),
    "set": words("set of lines"),
    "approval": words("approval"),
    "user": words("user"),
    "page": words("page"),
    "-": words("nothing more"),
    "withdraw": words("withdraw"),
    "answer": words("answer"),
    "dispatch": words("dispatch"),
    "receive": words("confirm the arrival"),
    "cancel": words("cancel"),
    "recall": words("recall"),
    "approve": words("approve"),
    "reject": words("reject"),
    "start_run": words("start a planning run"),
    "cancel_run": words("cancel a planning run"),
    "approve_plan": words("approve a plan"),
    "reject_plan": words("reject a plan"),
    "make_request": words("make a request"),
    "withdraw_request": words("withdraw a request"),
    "answer_request_line": words("answer for an amount"),
    "read_plans": words("read plans"),
    "read_movements": words("read movements"),
    "verify_ledger": words("verify the ledger"),
    "start_verification": words("have the ledger proved"),
    "cancel_verification": words("stop a proof of the ledger"),
    "verification": words("proof of the ledger"),
    "manage_people": words("manage people"),
    "reverse_posting": words("reverse an entry"),
    "post_receipt": words("post a receipt"),
    "post_issue": words("post an issue"),
    "post_count": words("post a count"),
    "make_transfer": words("make a transfer"),
    "dispatch_transfer": words("dispatch a transfer"),
    "receive_transfer": words("confirm an arrival"),
    "cancel_transfer": words("cancel a transfer"),
    "recall_transfer": words("recall a transfer"),
    **ROLES,
    **ORDER_STATUSES,
    **RUN_STATUSES,
    **PLAN_STATUSES,
    **LINE_STATES,
}
"""What refusals name by a code: nouns, steps, verbs, roles, states."""
