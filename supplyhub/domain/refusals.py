"""Every way in which the service says no: one dataclass a refusal, its docstring the title, its fields the facts.

`say` is a template over the fields, in English; the doors translate it (the catalogue in translations/ has the
Chinese). A refusal posts nothing and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar


def words(message: str) -> str:
    """Mark a text for the translators and leave it as it is."""
    return message


@dataclass(frozen=True)
class Fault:
    """One thing wrong in what was sent: where it stands, what is wrong, what is allowed.

    `where` is a field path, or "file:line:column". `message` is a template over `facts`.
    """

    where: str
    message: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.where}: {self.message.format(**self.facts)}"


@dataclass(eq=False, kw_only=True)
class SupplyError(Exception):
    """The request was refused."""

    say: ClassVar[str] = words("The request was refused.")
    faults: list[Fault] = field(default_factory=list)

    def __str__(self) -> str:
        return self.sentence.format(**self.facts())

    @property
    def sentence(self) -> str:
        """What is said of this one, a template over its facts."""
        return self.say

    def facts(self) -> dict[str, Any]:
        """The fields by name, for the answer and for the sentence; `faults` are told one by one beside them."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "faults"}


@dataclass(eq=False, kw_only=True)
class InvalidInput(SupplyError):
    """Something in what was sent is not allowed."""

    say: ClassVar[str] = words("Faults in what was sent: {count}. Nothing was changed.")
    faults: list[Fault]

    def facts(self) -> dict[str, Any]:
        return {"count": len(self.faults)}


@dataclass(eq=False, kw_only=True)
class NotFound(SupplyError):
    """There is no such thing here, or it is not yours to see."""

    say: ClassVar[str] = words("No {noun} {key} was found in your district.")
    noun: str
    key: str


@dataclass(eq=False, kw_only=True)
class NotSignedIn(SupplyError):
    """Sign in first, or send a valid token."""

    say: ClassVar[str] = words("This needs a signed-in user or a valid bearer token.")


@dataclass(eq=False, kw_only=True)
class SignInRefused(SupplyError):
    """The name or the password is wrong, or too many attempts failed."""

    say: ClassVar[str] = words("Name and password do not match, or too many tries: wait {wait_minutes} minutes.")
    wait_minutes: int


@dataclass(eq=False, kw_only=True)
class NotAllowed(SupplyError):
    """Your role does not hold this right here."""

    say: ClassVar[str] = words("Your role ({role}) may not {verb} here.")
    role: str
    verb: str


@dataclass(eq=False, kw_only=True)
class KeyRequired(SupplyError):
    """This call needs an Idempotency-Key."""

    say: ClassVar[str] = words("Send an Idempotency-Key header of 8 to 200 printable characters (a UUID will do).")


@dataclass(eq=False, kw_only=True)
class KeyReused(SupplyError):
    """This Idempotency-Key was used before for something else."""

    say: ClassVar[str] = words("The key {key} already stands for another command; make a new key.")
    key: str


@dataclass(eq=False, kw_only=True)
class AlreadyLoaded(SupplyError):
    """The same contents were loaded here before."""

    say: ClassVar[str] = words("These contents were loaded before ({verb}); nothing was changed.")
    verb: str


@dataclass(eq=False, kw_only=True)
class InsufficientStock(SupplyError):
    """There is not enough free stock."""

    say: ClassVar[str] = words(
        "Item {item}, lot {lot}: {wanted_units} asked, {free_units} free ({reserved_units} reserved); "
        "{short_units} short."
    )
    say_any_lot: ClassVar[str] = words(
        "Item {item}: {wanted_units} asked, {free_units} free ({reserved_units} reserved); {short_units} short."
    )
    say_no_code: ClassVar[str] = words(
        "Item {item}, lot without a code: {wanted_units} asked, {free_units} free ({reserved_units} reserved); "
        "{short_units} short."
    )
    item: str
    lot: str
    """Its code, which may be blank; * where none was asked for by name."""
    wanted_units: int
    free_units: int
    reserved_units: int
    short_units: int

    @property
    def sentence(self) -> str:
        """By how the lot is known."""
        return {"*": self.say_any_lot, "": self.say_no_code}.get(self.lot, self.say)


@dataclass(eq=False, kw_only=True)
class LotExpired(SupplyError):
    """The lot is past its expiry date."""

    say: ClassVar[str] = words("Lot {lot} expired on {expires_on}; book it as scrapped instead.")
    lot: str
    expires_on: str


@dataclass(eq=False, kw_only=True)
class StepNotAllowed(SupplyError):
    """This step cannot follow the present state."""

    say: ClassVar[str] = words("This {noun} is {status}. Not possible now: {step}; possible: {allowed}.")
    noun: str
    status: str
    step: str
    allowed: str


@dataclass(eq=False, kw_only=True)
class AlreadyReversed(SupplyError):
    """This entry has been reversed before."""

    say: ClassVar[str] = words("Entry {posting_id} was reversed already by entry {reversal_id}.")
    posting_id: int
    reversal_id: int


@dataclass(eq=False, kw_only=True)
class NotReversible(SupplyError):
    """This entry cannot be reversed."""

    say: ClassVar[str] = words("Entry {posting_id} ({verb}) is not reversed here; {instead}")
    posting_id: int
    verb: str
    instead: str


@dataclass(eq=False, kw_only=True)
class VersionMismatch(SupplyError):
    """Somebody changed this since you read it."""

    say: ClassVar[str] = words("This was changed since you read it; read it again and repeat.")


@dataclass(eq=False, kw_only=True)
class VersionRequired(SupplyError):
    """Say which version you mean."""

    say: ClassVar[str] = words("Send If-Match with the ETag that reading this gave you.")


@dataclass(eq=False, kw_only=True)
class PlanOutOfDate(SupplyError):
    """The plan no longer fits what is there; make a new run."""

    say: ClassVar[str] = words("Lines of this plan that no longer hold: {count}. Start a new run for what is open.")
    count: int
    lines: list[dict[str, Any]]


@dataclass(eq=False, kw_only=True)
class ItemNotPlanned(SupplyError):
    """The run was stopped before it came to this item."""

    say: ClassVar[str] = words("Plan {plan_id} is partial and does not hold {item}; start a new run for it.")
    plan_id: int
    item: str


@dataclass(eq=False, kw_only=True)
class FeedRewound(SupplyError):
    """The feed does not hold what you have read of it: it was taken up again from a backup."""

    say: ClassVar[str] = words(
        "Entry {after} of the feed, which ends at {upto}, is not the one you read. "
        "Go back to the last place that is still accepted, drop what you took over after it, and go on from there."
    )
    after: int
    upto: int


@dataclass(eq=False, kw_only=True)
class Busy(SupplyError):
    """Others are writing just now; try again."""

    say: ClassVar[str] = words(
        "The stock was busy for {seconds} seconds. Send it again as it is (programs: under the same key); "
        "nothing is booked twice."
    )
    seconds: int


@dataclass(eq=False, kw_only=True)
class DatabaseAway(SupplyError):
    """The database does not answer just now; try again."""

    say: ClassVar[str] = words(
        "The database does not answer just now. Send it again as it is in {seconds} seconds (programs: under the same "
        "key); nothing is booked twice."
    )
    seconds: int


@dataclass(eq=False, kw_only=True)
class StorageFull(SupplyError):
    """The disk of the database takes nothing more."""

    say: ClassVar[str] = words(
        "The disk of the database is full or refuses to write; nothing was kept. "
        "Tell operations to make room, then send it again as it is (programs: under the same key)."
    )


@dataclass(eq=False, kw_only=True)
class NotReached(SupplyError):
    """The database cannot be reached."""

    say: ClassVar[str] = words(
        "PostgreSQL refuses or does not answer: {cause}. Look at {where}: does the server run, is there such a "
        "database (createdb makes an empty one) and role, is the password right, and has `supplyhub migrate` let the "
        "role in (SUPPLYHUB_APP_ROLE)?"
    )
    where: str
    cause: str


@dataclass(eq=False, kw_only=True)
class NotConfigured(SupplyError):
    """The service is not set up for this."""

    say: ClassVar[str] = words("{what}")
    what: str


@dataclass(eq=False, kw_only=True)
class NotDurable(SupplyError):
    """The database may lose what it acknowledged."""

    say: ClassVar[str] = words(
        "What this database acknowledges may be lost in a power cut, so production does not start. "
        "Mend these settings of it and start again: {settings}"
    )
    settings: str


def tell_all(refused: Sequence[tuple[int, SupplyError]]) -> SupplyError:
    """What lines of a document are refused for, as (line, refusal): the first of them, with all as its faults."""
    first = refused[0][1]
    first.faults = [Fault(f"lines[{line}]", refusal.sentence, refusal.facts()) for line, refusal in refused]
    return first


def moved(faults: Iterable[Fault], place: Callable[[str], str]) -> list[Fault]:
    """The same faults, each standing where `place` says."""
    return [Fault(place(fault.where), fault.message, fault.facts) for fault in faults]
