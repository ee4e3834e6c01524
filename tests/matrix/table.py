"""The authorisation matrix as a table: a line a route, with its right, and what may be named where, to what outcome.

Each text of a line says one way to name something: the channel, the field, what is named, and six outcomes, for a thing
at the caller's own place, above it, below it, beside it, elsewhere, and one that is nowhere:

    y  goes through                     c  is seen, but not this district's to act on: 403
    g  is not there: 404                u  is not there: named as a fault, 422
    k  the key stands already: 422      e  an answer as for what is not there
    n  is not listed                    -  is not asked

Who has not the right is refused (403) whatever is named, nobody at all is asked to sign in, and g, u, e and refusals
are the same bytes as for what is nowhere. `role=outcomes` says where a role differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SIGNED_IN, OPEN, NO_ROLE = "signed_in", "open_to_all", "metrics_token"


@dataclass(frozen=True)
class Way:
    """One way in which a call names something."""

    channel: str
    """path, query, body, line (of a bulk document, or of its file), listed, key, or call: nothing is named."""
    field: str
    noun: str
    outcomes: str
    by_role: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, said: str) -> Way:
        """`path depot depot ygyggg planner=yyyyyy`."""
        channel, name, noun, outcomes, *others = said.split()
        return cls(channel, name, noun, outcomes, dict(other.split("=") for other in others))


@dataclass(frozen=True)
class Line:
    """A route: its right, what it is sent where nothing else is said, and its ways."""

    method: str
    rule: str
    right: str
    ways: tuple[Way, ...]
    body: Mapping[str, Any] | None = None
    file: str = ""
    """The file that is sent along, if there is one: its headings and a line."""
    query: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    """What stands in the path where nothing of a district is named."""
    page: str = ""
    """The right to the page on which a form stands: whoever has it sees there that he may not."""


def _line(route: str, right: str, *ways: str, **sent: Any) -> Line:
    method, rule = route.split(" ", 1)
    return Line(method, rule, right, tuple(map(Way.read, ways or ("call - - y-----",))), **sent)


def _api(route: str, right: str, *ways: str, **sent: Any) -> Line:
    method, rule = route.split(" ", 1)
    return _line(f"{method} /api/v1{rule}", right, *ways, **sent)


GOODS = [{"item": "suit", "quantity": 1}]
ASKED = [{"division": "@division", "item": "suit", "quantity": 1, "priority": 2, "override_reason": "洪水"}]
KEY = "key - key kkkkky"
PAPERS = "/<any(receipts, issues, counts):papers>"

API = (
    _api("GET /divisions", "read_places", "listed code division ynynnn"),
    _api("GET /divisions/<code:division>", "read_places", "path division division ygyggg"),
    _api("GET /divisions/<code:division>/children", "read_places", "path division division ygyggg"),
    _api("GET /divisions/<code:division>/path", "read_places", "path division division ygyggg"),
    _api("GET /divisions/<code:division>/institutions", "read_places", "path division division ygyggg"),
    _api("GET /depots", "read_places", "listed code depot ynynnn", "query division division ygyggg"),
    _api("GET /depots/<code:depot>", "read_places", "path depot depot ygyggg"),
    _api("GET /depots/<code:depot>/shelves", "read_stock", "path depot depot ygyggg"),
    _api("GET /items", "read_catalogue"),
    _api("GET /items/<code:item>", "read_catalogue", words={"item": "suit"}),
    _api("GET /categories", "read_catalogue"),
    _api("GET /stock", "read_stock", "query division division ygyggg"),
    _api("GET /stock/children", "read_stock", "query division division ygyggg", query="item=suit"),
    _api("GET /stock/overview", "read_stock", "query division division ygyggg"),
    _api("GET /changes", "read_movements", "listed id posting ynynnn", query="limit=100"),
    _api("GET /movements", "read_movements", "listed posting posting ynynnn", "query depot depot ygyggg"),
    _api("GET /postings", "read_movements", "listed id posting ynynnn"),
    _api("GET /postings/<number:posting_id>", "read_movements", "path posting_id posting ygyggg"),
    _api("POST /postings/<number:posting_id>/reversal", "reverse_posting", "path posting_id mistake ygcggg", KEY),
    _api("POST /receipts", "post_receipt", "body depot depot yucuuu", "line owner division yuyuuu",
         "line earmark division yuyuuu", KEY, body={"depot": "@depot", "lines": GOODS}),
    _api("POST /issues", "post_issue", "body depot depot yucuuu", "body division division yuyuuu",
         "line lot_id lot yuuuuu", KEY, body={"depot": "@depot", "lines": GOODS}),
    _api("POST /counts", "post_count", "body depot depot yucuuu", "line lot_id lot yuuuuu", KEY,
         body={"depot": "@depot", "lines": [{"lot_id": "@lot", "seen": 9, "counted": 9}]}),
    _api("GET /transfers", "read_transfers", "listed id order ynynnn", "query from_depot depot ygyggg",
         "query to_division division ygyggg", "query plan plan yyyyyy"),
    # A place is public, and a county may send to any; a depot outside the district is not there.
    _api("POST /transfers", "make_transfer", "body from_depot depot yucuuu", "body to_division division yyyyyu",
         "body to_depot kept_too yuyuuu", "line lot_id lot yuuuuu", KEY,
         body={"from_depot": "@depot", "to_division": "@division", "lines": GOODS}),
    _api("GET /transfers/<number:order_id>", "read_transfers", "path order_id order ygyggg"),
    _api("POST /transfers/<number:order_id>/dispatch", "dispatch_transfer", "path order_id order ygcggg", KEY),
    # What a planner approved he may cancel, wherever below it starts.
    _api("POST /transfers/<number:order_id>/cancellation", "cancel_transfer",
         "path order_id unwanted ygcggg planner=ygyggg", KEY),
    _api("POST /transfers/<number:order_id>/recall", "recall_transfer", "path order_id turned ygcggg", KEY),
    _api("POST /transfers/<number:order_id>/arrival", "receive_transfer", "path order_id coming ygcggg",
         "body depot depot yucuuu", KEY, body={}),
    _api("GET /requests", "read_requests", "listed id request ynynnn"),
    _api("POST /requests", "make_request", "line division division yuyuuu", "line institution institution yuyuuu", KEY,
         body={"lines": ASKED}),
    _api("GET /requests/<number:request_id>", "read_requests", "path request_id request ygyggg"),
    _api("GET /requests/<number:request_id>/lines", "read_requests", "path request_id request ygyggg"),
    _api("POST /requests/<number:request_id>/withdrawal", "withdraw_request", "path request_id withdrawn ygyggg", KEY),
    _api("POST /request-lines/<number:line_id>/answer", "answer_request_line", "path line_id unknown ygyggg", KEY,
         body={"quantity": 1}),
    _api("GET /planning-runs", "read_plans", "listed id run ynynnn"),
    _api("POST /planning-runs", "start_run", "body division division yuyuuu", KEY, body={"division": "@division"}),
    _api("GET /planning-runs/<number:run_id>", "read_plans", "path run_id run ygyggg"),
    _api("POST /planning-runs/<number:run_id>/cancellation", "cancel_run", "path run_id queued ygyggg", KEY),
    _api("GET /plans", "read_plans", "listed id plan ynynnn"),
    _api("GET /plans/<number:plan_id>", "read_plans", "path plan_id plan ygyggg"),
    _api("GET /plans/<number:plan_id>/approvals", "read_plans", "path plan_id plan ygyggg",
         "listed id approval ynnnnn"),
    _api("POST /plans/<number:plan_id>/approvals", "approve_plan", "path plan_id undecided ygyggg",
         "body division division yuyuuu", KEY, body={}),
    _api("POST /plans/<number:plan_id>/rejection", "reject_plan", "path plan_id undecided ygyggg", KEY,
         body={"note": "no"}),
    _api("GET /plans/<number:plan_id>/coverage", "read_plans", "path plan_id plan ygyggg",
         "query division division ygyggg"),
    _api("GET /plans/<number:plan_id>/lines", "read_plans", "path plan_id plan ygyggg",
         "listed request_line plan_line ynynnn", "query division division ygyggg"),
    # An office sees its own lines in the plan of a place above, and no other line of it.
    _api("GET /plans/<number:plan_id>/lines/<number:request_line_id>/shipments", "read_requests",
         "path plan_id plan yyeeee", "path request_line_id plan_line yeyeee"),
    _api("GET /plans/<number:plan_id>/lines/<number:request_line_id>/explanation", "read_requests",
         "path plan_id plan yygggg", "path request_line_id plan_line ygyggg"),
    _api("GET /plans/<number:plan_id>/sets", "read_plans", "path plan_id plan ygyggg"),
    _api("GET /plans/<number:plan_id>/sets/<number:set_number>/explanation", "read_plans", "path plan_id plan ygyggg"),
    _api("GET /approvals/<number:approval_id>", "read_plans", "path approval_id approval ygyggg"),
    _api("GET /ledger/verification", "verify_ledger"),
    # A proof is of the whole ledger; whoever may see it is told of faults elsewhere that they are, and not which.
    _api("GET /ledger/verifications", "verify_ledger", "listed id proof y-----"),
    _api("POST /ledger/verifications", "start_verification"),
    _api("GET /ledger/verifications/<number:verification_id>", "verify_ledger", "path verification_id proof y----g"),
    _api("POST /ledger/verifications/<number:verification_id>/cancellation", "cancel_verification",
         "path verification_id proof y----g"),
    _api("GET /me", SIGNED_IN),
    _api("GET /tokens", SIGNED_IN, "listed id token ynnnnn"),
    _api("DELETE /tokens/<number:token_id>", SIGNED_IN, "path token_id token yggggg"),
    _api("POST /tokens", OPEN, body={"username": "nobody", "password": "nobodys password"}),
    _api("GET /openapi.json", OPEN),
    _line("GET /api/docs", OPEN),
    _line("GET /api/docs/start.js", OPEN),
    _line("GET /api/docs/<path:name>", OPEN, words={"name": "index.css"}),
)  # fmt: skip

PAGES = (
    _line("GET /", SIGNED_IN),
    _line("GET /stock", "read_stock"),
    _line("GET /stock/<word:code>", "read_stock", "path code division ygyggg"),
    _line("GET /depots/<word:code>", "read_stock", "path code depot ygyggg"),
    _line("GET /entries", "read_movements", "listed /entries/ posting ynynnn"),
    _line("GET /entries/<row:posting_id>", "read_movements", "path posting_id posting ygyggg"),
    _line("POST /entries/<row:posting_id>/reversal", "reverse_posting", "path posting_id mistake ygcggg",
          page="read_movements"),
    _line("GET /movements", "read_movements", "listed /entries/ posting ynynnn", "query depot depot ygyggg"),
    _line("GET /receipts/new", "post_receipt"),
    _line("POST /receipts", "post_receipt", "body depot depot ygcggg", "body lines-0-owner division yyuuuu",
          body={"depot": "@depot", "reason": "delivery", "lines-0-item": "suit", "lines-0-units": "1"}),
    _line("GET /issues/new", "post_issue"),
    _line("POST /issues", "post_issue", "body depot depot ygcggg", "body place division yuyuuu",
          body={"depot": "@depot", "purpose": "use", "lines-0-goods": "item:suit", "lines-0-units": "1"}),
    _line("GET /counts/new", "post_count"),
    _line("POST /counts", "post_count", "body depot depot ygcggg",
          body={"depot": "@depot", "lines-0-shelf": "lot:@lot:suit:good", "lines-0-seen": "9", "lines-0-units": "9"}),
    _line(f"GET {PAPERS}/upload", "post_receipt", words={"papers": "receipts"}),
    _line(f"POST {PAPERS}/upload", "post_receipt", "body depot depot yucuuu", "line owner division yuyuuu",
          words={"papers": "receipts"}, body={"depot": "@depot", "reason": "delivery"},
          file="item,quantity,owner\nsuit,1,@owner\n"),
    _line(f"GET {PAPERS}/sheet.<any(xlsx, csv):form>", "post_count", "query depot depot ygyggg",
          words={"papers": "counts", "form": "csv"}),
    _line("GET /transfers", "read_transfers", "listed /transfers/ order ynynnn"),
    _line("GET /transfers/new", "make_transfer"),
    _line("POST /transfers", "make_transfer", "body depot depot ygcggg", "body to division yyyyyu",
          "body to kept_too yuyuuu",
          body={"depot": "@depot", "to": "@division", "lines-0-goods": "item:suit", "lines-0-units": "1"}),
    _line("GET /transfers/<row:order_id>", "read_transfers", "path order_id order ygyggg"),
    _line("POST /transfers/<row:order_id>/dispatch", "dispatch_transfer", "path order_id order ygcggg",
          body={"version": "1"}, page="read_transfers"),
    _line("POST /transfers/<row:order_id>/cancel", "cancel_transfer",
          "path order_id unwanted ygcggg planner=ygyggg", body={"version": "1"}, page="read_transfers"),
    _line("POST /transfers/<row:order_id>/recall", "recall_transfer", "path order_id turned ygcggg",
          body={"version": "2"}, page="read_transfers"),
    _line("POST /transfers/<row:order_id>/receive", "receive_transfer", "path order_id coming ygcggg",
          body={"version": "2"}, page="read_transfers"),
    _line("GET /requests", "read_requests", "listed /requests/ request ynynnn"),
    _line("GET /requests/new", "make_request"),
    _line("POST /requests", "make_request", "body lines-0-target division yuyuuu",
          body={"reason": "洪水", "lines-0-target": "division:@division", "lines-0-item": "suit", "lines-0-units": "1",
                "lines-0-priority": "2", "lines-0-override_reason": "洪水"}),
    _line("GET /requests/<row:request_id>", "read_requests", "path request_id request ygyggg"),
    _line("POST /requests/<row:request_id>/withdrawal", "withdraw_request", "path request_id withdrawn ygyggg",
          body={"version": "1"}, page="read_requests"),
    _line("POST /requests/<row:request_id>/lines/<row:line_id>/answer", "answer_request_line",
          "path request_id request yg-ggg", "path line_id unknown yggggg", body={"units": "1"}, page="read_requests"),
    _line("GET /runs", "read_plans", "listed /runs/ run ynynnn"),
    _line("POST /runs", "start_run", "body division division ygyggg",
          body={"division": "@division", "as_of": "2026-07-01"}, page="read_plans"),
    _line("GET /runs/<row:run_id>", "read_plans", "path run_id run ygyggg"),
    _line("GET /runs/<row:run_id>/progress", "read_plans", "path run_id run ygyggg"),
    _line("POST /runs/<row:run_id>/cancellation", "cancel_run", "path run_id queued ygyggg", page="read_plans"),
    _line("GET /plans", "read_plans", "listed /plans/ plan ynynnn"),
    _line("GET /plans/<row:plan_id>", "read_plans", "path plan_id plan ygyggg", "query place division ygyggg"),
    _line("POST /plans/<row:plan_id>/approvals", "approve_plan", "path plan_id undecided ygyggg",
          "body division division ygyggg", body={"version": "2"}, page="read_plans"),
    _line("POST /plans/<row:plan_id>/rejection", "reject_plan", "path plan_id undecided ygyggg",
          body={"version": "2", "note": "no"}, page="read_plans"),
    _line("GET /plans/<row:plan_id>/lines", "read_plans", "path plan_id plan ygyggg", "query place division ygyggg"),
    _line("GET /plans/<row:plan_id>/lines/<row:line_id>", "read_plans", "path plan_id plan yggggg",
          "path line_id plan_line ygyggg"),
    _line("GET /plans/<row:plan_id>/lines/<row:line_id>/explanation", "read_requests", "path plan_id plan yygggg",
          "path line_id plan_line ygyggg"),
    _line("GET /plans/<row:plan_id>/sets", "read_plans", "path plan_id plan ygyggg"),
    _line("GET /plans/<row:plan_id>/sets/<row:number>", "read_plans", "path plan_id plan ygyggg"),
    _line("GET /plans/<row:plan_id>/sets/<row:number>/explanation", "read_plans", "path plan_id plan ygyggg"),
    _line("GET /approvals/<row:approval_id>", "read_plans", "path approval_id approval ygyggg"),
    _line("GET /approvals/<row:approval_id>/progress", "read_plans", "path approval_id approval ygyggg"),
    _line("GET /ledger", "verify_ledger"),
    _line("POST /ledger", "start_verification", page="verify_ledger"),
    _line("GET /ledger/verifications/<row:verification_id>", "verify_ledger", "path verification_id proof y----g"),
    _line("GET /ledger/verifications/<row:verification_id>/progress", "verify_ledger",
          "path verification_id proof y----g"),
    _line("POST /ledger/verifications/<row:verification_id>/cancellation", "cancel_verification",
          "path verification_id proof y----g", page="verify_ledger"),
    _line("GET /users", "manage_people"),
    _line("GET /health/live", OPEN),
    _line("GET /health/ready", OPEN),
    # No role has it: it takes a token of the installation's own, and without one it is not there.
    _line("GET /metrics", NO_ROLE, "call - - g-----"),
    _line("GET /sign-in", OPEN),
    _line("POST /sign-in", OPEN),
    _line("POST /sign-out", OPEN),
    _line("GET /language/<code>", OPEN, words={"code": "en"}),
    _line("GET /assets/<path:filename>", OPEN, words={"filename": "pages.css"}),
    _line("GET /bootstrapNone/<path:filename>", OPEN, words={"filename": "css/bootstrap.min.css"}),
)  # fmt: skip

PATH_NOUNS = {
    "division": "division", "depot": "depot", "posting_id": "posting", "order_id": "order", "request_id": "request",
    "line_id": "unknown", "run_id": "run", "plan_id": "plan", "request_line_id": "plan_line", "approval_id": "approval",
    "token_id": "token", "set_number": "set", "number": "set", "verification_id": "proof",
}  # fmt: skip
"""What the variables of a path name where a line says nothing of them."""
