"""A form on its way: what was typed, what was wrong with it, and the key that makes sending it twice harmless."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from supplyhub.domain.refusals import (
    Busy,
    DatabaseAway,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    SignInRefused,
    StorageFull,
    SupplyError,
)
from supplyhub.schemas.problems import FAULTS_SHOWN, say, say_fault, title
from supplyhub.schemas.texts import text_in

ROWS_DRAWN = 3
ROWS_MORE = 3
ROWS_MAX = 500

STATUS: dict[type[SupplyError], int] = {
    NotFound: 404, NotAllowed: 403, NotSignedIn: 401, SignInRefused: 401, InvalidInput: 422, Busy: 503,
    DatabaseAway: 503, StorageFull: 507,
}  # fmt: skip
"""How a page answers a refusal; every other one is a conflict with what stands there now."""


def status_of(refusal: SupplyError) -> int:
    """The status of the page that tells a refusal."""
    return STATUS.get(type(refusal), 409)


@dataclass
class Draft:
    """What a form is drawn from; an empty one is a form nobody has touched."""

    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: SupplyError | None = None
    rows: int = ROWS_DRAWN
    key: str = field(default_factory=lambda: secrets.token_urlsafe(18))

    @staticmethod
    def of(typed: Mapping[str, str], refusal: SupplyError | None = None, *, more_rows: bool = False) -> Draft:
        """A form drawn again, without what is no text."""
        used = [int(match[1]) + 1 for name in typed if (match := re.match(r"lines-(\d{1,3})-", name))]
        rows = max([ROWS_DRAWN, *used]) + (ROWS_MORE if more_rows else 0)
        return Draft({name: text_in(typed[name]) for name in typed}, refusal, min(rows, ROWS_MAX))

    def value(self, name: str, default: str = "") -> str:
        """What stands in a field."""
        return self.typed.get(name, default)

    @property
    def status(self) -> int:
        """The status of the page that draws this form."""
        return 200 if self.refusal is None else status_of(self.refusal)

    @property
    def title(self) -> str:
        """The refusal in a few words."""
        return "" if self.refusal is None else title(type(self.refusal))

    @property
    def sentence(self) -> str:
        """The refusal in one sentence."""
        return "" if self.refusal is None else say(self.refusal)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(field, what is wrong) for every fault, in the reader's language."""
        faults = self.refusal.faults[:FAULTS_SHOWN] if self.refusal else []
        return [(fault.where, say_fault(fault)) for fault in faults]

    def wrong(self, name: str) -> str:
        """What is wrong with one field."""
        return "; ".join(message for where, message in self.faults if where == name)
