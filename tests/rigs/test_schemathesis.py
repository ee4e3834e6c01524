"""What the OpenAPI document says is what the API does: schemathesis with all its checks, as each role and as nobody.

SUPPLYHUB_SCHEMA_EXAMPLES says how many random cases an operation and role gets beside those that cover the document
systematically; without it, or without the extra `fuzz`, this is left out. The application answers in this process.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from supplyhub.persistence.engine import make_engine
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.unit_of_work import Hub
from tests.api.keyed import Stage
from tests.calling import Callers, make_callers
from tests.conftest import Tell
from tests.rigs.counts import count
from tests.world import NOW, build_world

EXAMPLES = count("SCHEMA_EXAMPLES", 0)
schemathesis = pytest.importorskip("schemathesis", reason="needs the extra `fuzz`, which .ci/run installs")
if not EXAMPLES:
    pytest.skip("left out: SUPPLYHUB_SCHEMA_EXAMPLES does not say how many; .ci/run does", allow_module_level=True)

CALLERS = ("keeper", "planner", "township", "supervisor", "administrator", "")
OF_SOCKETS = {"max_redirects", "verify", "cert", "proxies"}
DOCUMENTS = 4
"""Of each kind, so that small numbers name something."""
SMALL = [*range(1, 13), 15, 20]
KNOWN: Mapping[str, list[Any]] = {
    "numbers": SMALL,
    "depots": ["A1", "T", "P", "A", "B1"],
    "items": ["mask", "suit", "quilt"],
    "divisions": ["420101000000", "420101001000", "420101001001", "420000000000", "420201000000"],
}
"""What exists in the small world, some of it foreign."""
NUMBERED = (
    "posting_id", "order_id", "request_id", "line_id", "run_id", "plan_id", "approval_id", "request_line_id",
    "set_number", "token_id",
)  # fmt: skip
NAMED: Mapping[str, str] = {
    **{f"path.{name}": "numbers" for name in NUMBERED},
    "path.depot": "depots", "path.item": "items", "path.division": "divisions",
    "query.depot": "depots", "query.from_depot": "depots", "query.item": "items", "query.division": "divisions",
    "query.to_division": "divisions", "query.plan": "numbers",
    "body.depot": "depots", "body.from_depot": "depots", "body.to_depot": "depots", "body.division": "divisions",
    "body.to_division": "divisions", "body.item": "items",
    "body.lines[*].item": "items", "body.lines[*].division": "divisions",
    "body.lines[*].lot_id": "numbers", "body.lines[*].line": "numbers",
}  # fmt: skip
REFUSED_THOUGH_SOUND = ["2xx", "304", "401", "403", "404", "409", "412", "422"]
"""A sound call may name what is not there, what is not theirs, what is used up, or what has changed."""


@pytest.fixture
def callers(sqlite_template: Path, tmp_path: Path) -> Iterator[Callers]:
    """The small world with documents of every kind behind the API; its ledger is proved afterwards."""
    path = tmp_path / "supplyhub.db"
    shutil.copyfile(sqlite_template, path)
    hub = Hub(make_engine(f"sqlite:///{path}"))
    callers = make_callers(build_world(hub), f"sqlite:///{path}")
    fill(Stage(callers))
    callers.app.testing = False  # a fault of ours is to be answered as in production
    yield callers
    with hub.read(None, at=NOW) as work:
        faults = verify_ledger(work, None).faults
    callers.app.extensions["supplyhub"].engine.dispose()
    hub.engine.dispose()
    assert faults == []


@pytest.fixture(autouse=True)
def without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls in this process take no settings of sockets, which schemathesis passes with the calls of its checks."""
    from schemathesis.transport.wsgi import WSGITransport

    send = WSGITransport.send

    def send_here(self: Any, case: Any, **settings: Any) -> Any:
        return send(self, case, **{name: value for name, value in settings.items() if name not in OF_SOCKETS})

    monkeypatch.setattr(WSGITransport, "send", send_here)


def fill(stage: Stage) -> None:
    """Some documents of each kind."""
    for _ in range(DOCUMENTS):
        stage.order()
        stage.order(dispatched=True)
        stage.line()
        stage.run()
    for plan in [stage.plan() for _ in range(DOCUMENTS)][::2]:
        stage.planner.post(f"/plans/{plan}/approvals", {}, status=202, if_match="*")


@pytest.mark.parametrize("who", CALLERS, ids=[who or "nobody" for who in CALLERS])
def test_the_api_does_what_its_document_says(callers: Callers, who: str, tell: Tell) -> None:
    cases, failures, statuses = run(callers.app, token_of(callers, who))
    total = sum(cases.values())
    told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    tell(f"schemathesis as {who or 'nobody'}: {total} cases ({dict(cases)}); answers {told}")
    assert not failures, "\n\n".join(failures.values())
    assert total >= (3_400 if EXAMPLES >= 20 else 1_000)
    assert max(statuses) < 500


def token_of(callers: Callers, who: str) -> str:
    """A token that ends by no call of the run, which would find its number and try; "" for nobody."""
    token = callers.caller(who).token
    with callers.world.hub.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql(
            "CREATE TRIGGER kept BEFORE UPDATE OF revoked_at ON token "
            "WHEN old.id = (SELECT max(id) FROM token) BEGIN SELECT RAISE(IGNORE); END"
        )
    return token


def run(app: Flask, token: str) -> tuple[Counter[str], dict[str, str], Counter[int]]:
    """Every phase of schemathesis; cases by phase, failures each once, answers by status."""
    from schemathesis.engine import events, from_schema

    config = schemathesis.config.SchemathesisConfig.from_dict(settings(token))
    cases, failures, statuses = Counter[str](), dict[str, str](), Counter[int]()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures[str(event)] = f"{event.label}: {event.value!r}"
        if isinstance(event, events.ScenarioFinished):
            answers = [one.response.status_code for one in event.recorder.interactions.values() if one.response]
            cases[event.phase.value] += len(answers)
            statuses.update(answers)
            failures |= failures_of(event.recorder)
    return cases, failures, statuses


def failures_of(recorder: Any) -> dict[str, str]:
    """What failed in a scenario, with how to send it again, by kind, so that each is told once."""
    failed = [check for checks in recorder.checks.values() for check in checks if check.failure_info is not None]
    return {
        f"{check.name} {check.failure_info.failure.operation} {check.failure_info.failure.title}": (
            f"{check.name}: {check.failure_info.failure.operation}: {check.failure_info.failure.message}\n"
            f"{check.failure_info.code_sample}"
        )
        for check in failed
    }


def settings(token: str) -> dict[str, Any]:
    """What schemathesis is told: all checks, all phases, and what exists."""
    return {
        "seed": 20260701,
        "headers": {"Authorization": f"Bearer {token}"} if token else {},
        "continue-on-failure": True,
        "generation": {
            "max-examples": EXAMPLES,
            "mode": "all",
            "no-shrink": True,
            "database": "none",
            "with-security-parameters": False,
        },
        "output": {"sanitization": {"enabled": False}},
        "dictionaries": {name: {"values": values} for name, values in KNOWN.items()},
        "parameters": {where: {"dictionary": name, "probability": 0.7} for where, name in NAMED.items()},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": REFUSED_THOUGH_SOUND},
            "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "422", "428"]},
        },
    }
