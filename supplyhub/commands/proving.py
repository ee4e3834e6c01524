"""Proving the ledger at a command line: how far it is, and an end in words when Ctrl-C is pressed."""

from __future__ import annotations

from pathlib import Path

from supplyhub.commands.progress import progress_shown, stopped_by_interrupt
from supplyhub.commands.saying import end_for_interrupt, now, say
from supplyhub.domain.oversight import Findings, LedgerFault
from supplyhub.domain.refusals import words
from supplyhub.schemas.glossary import CHECKS
from supplyhub.service import oversight
from supplyhub.service.unit_of_work import Hub


class Interrupted(Exception):
    """Ctrl-C was pressed: nothing further is read."""


def prove(hub: Hub, against: Path | None) -> tuple[Findings, list[LedgerFault]]:
    """What is found in the ledger as it stands now, and what is not as an earlier export says."""
    stopping = words("Stopping. Ctrl-C again ends at once.")
    with stopped_by_interrupt(stopping) as stopped, progress_shown() as shown:

        def told(check: str, done: int, of: int) -> None:
            shown(say(CHECKS[check]), done, of)
            if stopped():
                raise Interrupted

        try:
            with hub.read(None, at=now(), steady=True) as work:
                found, beside = oversight.verify_ledger(work, None, told), None
                if against is not None:
                    told("export", 0, 0)
                    with against.open("rb") as exported:
                        beside = oversight.compare_export(work, exported)
        except Interrupted:
            end_for_interrupt(words("Ended by Ctrl-C; the ledger was not proved to its end."))
    return found, [beside] if beside else []
