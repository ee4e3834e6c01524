"""Handing a question out: the instance folder of a plan, for whoever wants to solve or check it elsewhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from supplyhub.bridge import unpack_instance
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.service.planning import read_question
from supplyhub.service.unit_of_work import Hub


def export_instance(hub: Hub, folder: Path, plan_id: int | None, *, at: datetime) -> int:
    """Write what a plan was made from (the latest, if none is named) into a new folder; the plan's number.

    Raises NotFound where there is no plan, InvalidInput where the folder stands already.
    """
    if folder.exists():
        message = words("stands there already; name a folder that does not exist yet")
        raise InvalidInput(faults=[Fault(str(folder), message)])
    with hub.read(None, at=at) as work:
        number, packed = read_question(work, None, plan_id)
    unpack_instance(packed, folder)
    return number
