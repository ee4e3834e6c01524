"""The unit of work: the only file that commits; it opens scoped repositories, keeps keys and answers, and retries."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import AlreadyReversed, KeyReused
from supplyhub.domain.stock import NewPosting, Stamp
from supplyhub.persistence.catalogue import CatalogueRepository
from supplyhub.persistence.engine import LOCK_WAIT_SECONDS
from supplyhub.persistence.jobs import JobsRepository
from supplyhub.persistence.oversight import OversightRepository
from supplyhub.persistence.people import PeopleRepository
from supplyhub.persistence.places import PlacesRepository
from supplyhub.persistence.planning import PlanningRepository
from supplyhub.persistence.races import StaleBalances, TurnTaken, may_pass, refusal_of
from supplyhub.persistence.requests import RequestsRepository
from supplyhub.persistence.reserves import ReservesRepository
from supplyhub.persistence.scope import EVERYWHERE, Scope
from supplyhub.persistence.stock import StockRepository
from supplyhub.persistence.transfers import TransfersRepository
from supplyhub.persistence.turns import Turns
from supplyhub.service.queues import Queues
from supplyhub.service.watcher import UNWATCHED, Watcher

TRIES = 5
"""How often a transaction that lost a race is run before the caller is told to come back."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Command:
    """A keyed wish of somebody: the verb, the key, and what exactly was sent."""

    actor: Actor
    verb: str
    key: str
    body: Any
    at: datetime
    occurred_at: datetime | None = None
    reverses_id: int | None = None

    @property
    def body_sha256(self) -> str:
        """A digest of verb and body, equal exactly for equal commands."""
        text = json.dumps([self.verb, self.body], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What a command is answered with, now and on every replay."""

    body: Any
    status: int = 201
    location: str = ""
    replayed: bool = False
    text: str = ""
    """The body as it is kept and sent: the same bytes for ever."""

    def written(self) -> Answer:
        """This answer with its text."""
        return replace(self, text=json.dumps(self.body, ensure_ascii=False, separators=(",", ":")))


class Work:
    """One open transaction: a scoped repository for each noun, the moment, and the posting if there is one."""

    def __init__(self, connection: Connection, scope: Scope, at: datetime, stamp: Stamp | None = None) -> None:
        self.at = at
        self._stamp = stamp
        self.people = PeopleRepository(connection, scope)
        self.places = PlacesRepository(connection, scope)
        self.catalogue = CatalogueRepository(connection, scope)
        self.stock = StockRepository(connection, scope)
        self.reserves = ReservesRepository(connection, scope)
        self.requests = RequestsRepository(connection, scope)
        self.planning = PlanningRepository(connection, scope)
        self.transfers = TransfersRepository(connection, scope)
        self.jobs = JobsRepository(connection, scope)
        self.oversight = OversightRepository(connection, scope)
        self.everywhere = PlacesRepository(connection, EVERYWHERE)

    @property
    def stamp(self) -> Stamp:
        """The posting this transaction writes; only keyed commands and jobs have one."""
        if self._stamp is None:
            raise RuntimeError("this transaction only reads")
        return self._stamp

    def of(self, at: datetime, stamp: Stamp) -> Work:
        """The same transaction, for one of several postings that it writes."""
        one = copy(self)
        one.at, one._stamp = at, stamp
        return one


@dataclass(frozen=True)
class Post:
    """A command among those of a transaction: what was sent, and the work that stamps what it moves."""

    work: Work
    actor: Actor
    sent: Any


class _KeyStands(Exception):
    """One of several commands has been answered before."""


@dataclass(eq=False)
class _Waiting:
    """A command that waits to be carried out with others, and its answer once it was."""

    command: Command
    sent: Any
    answer: Answer | None = None


class Hub:
    """The way into the database for every door: reads, keyed commands, and the installation's own jobs."""

    def __init__(
        self, engine: Engine, *, patience: Callable[[float], None] = time.sleep, watcher: Watcher = UNWATCHED
    ) -> None:
        self.engine = engine
        self._patience = patience
        self._watcher = watcher
        path = engine.url.database or ""
        sqlite = engine.dialect.name == "sqlite"
        self._turns = Turns(path, LOCK_WAIT_SECONDS, watcher.waited) if sqlite else None
        self._queues = Queues[_Waiting]()

    @contextmanager
    def read(self, actor: Actor | None, *, at: datetime, steady: bool = False) -> Iterator[Work]:
        """A transaction that sees only the actor's district (everything for the installation itself).

        `steady`: several statements see one and the same moment, as a snapshot must.
        """
        scope = EVERYWHERE if actor is None else Scope(actor.lo, actor.hi)
        options = {"scope": scope, "steady": steady}  # a SQLite reader sees one moment anyway
        with _in_words(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield Work(connection, scope, at)

    def glance(self, look: Callable[[Work], Result], *, at: datetime) -> Result:
        """One look of the installation's own that is one statement, tried again when the connection was lost.

        PostgreSQL shows it only what it has functions for.
        """

        def attempt() -> Result:
            with self.engine.connect().execution_options(glance=True) as connection, connection.begin():
                return look(Work(connection, EVERYWHERE, at))

        return self._retried(attempt)

    def perform(self, command: Command, act: Callable[[Work], Answer]) -> Answer:
        """Carry a command out once, whatever is repeated: rights first, then the key, then the verb.

        A refusal posts nothing and keeps nothing, so the same key may be tried again.
        """
        command.actor.must(command.verb)
        answer = self._retried(lambda: self._attempt([command], lambda works: [act(works[0])])[0])
        self._watcher.performed(command.verb, replayed=answer.replayed)
        return answer

    def perform_together(self, command: Command, sent: Any, act: Callable[[Sequence[Post]], list[Answer]]) -> Answer:
        """As above, in one transaction with what others of the district have sent while the one before it ran.

        `act` answers all posts that it gets, or raises what speaks against any of them. Then, or when one of their keys
        stands already, each is carried out alone, so that nobody hears of another's fault.
        """
        command.actor.must(command.verb)

        def act_for(waiting: Sequence[_Waiting]) -> Callable[[list[Work]], list[Answer]]:
            return lambda works: act(
                [Post(w, one.command.actor, one.sent) for w, one in zip(works, waiting, strict=True)]
            )

        def attempt(waiting: Sequence[_Waiting]) -> None:
            try:
                answers = self._attempt([one.command for one in waiting], act_for(waiting), impatient=True)
            except Exception as error:  # whosever fault it is: each is carried out alone, and hears of his own
                if len(waiting) == 1 and not may_pass(error):
                    raise
                self._watcher.retried(_name(error))
                return
            for one, answer in zip(waiting, answers, strict=True):
                one.answer = answer
            if len(waiting) > 1:
                self._watcher.shared(len(waiting))

        mine = _Waiting(command, sent)
        actor = command.actor
        with _in_words():
            self._queues.take_part((command.verb, actor.tenant_id, actor.lo, actor.hi), mine, attempt)
        answer = mine.answer or self._retried(lambda: self._attempt([command], act_for([mine]))[0], tries=TRIES - 1)
        self._watcher.performed(command.verb, replayed=answer.replayed)
        return answer

    def carry_out(self, verb: str, key: str, act: Callable[[Work], Result], *, at: datetime) -> Result:
        """A transaction of the installation itself (imports, jobs), with a posting under a key of its own."""
        return self._retried(lambda: self._carry_out(verb, key, act, at))

    def write(self, act: Callable[[Work], Result], *, at: datetime) -> Result:
        """A transaction of the installation itself that moves no stock and makes no document."""

        def attempt() -> Result:
            with self._writing(EVERYWHERE) as connection:
                return act(Work(connection, EVERYWHERE, at))

        return self._retried(attempt)

    def _attempt(
        self, commands: Sequence[Command], act: Callable[[list[Work]], list[Answer]], *, impatient: bool = False
    ) -> list[Answer]:
        """Carry commands of one scope and tenant out in one transaction; one that was answered is answered again."""
        actor = commands[0].actor
        scope = Scope(actor.lo, actor.hi)
        with self._writing(scope, impatient=impatient) as connection:
            ledger = StockRepository(connection, scope)
            for command in commands:
                if command.reverses_id is not None:
                    _must_be_reversible(ledger, command, command.reverses_id)
            ids = ledger.claim_keys(actor.tenant_id, [_new_posting(command) for command in commands])
            if len(ids) < len(commands):
                if len(commands) > 1:
                    raise _KeyStands
                return [_replay(ledger, commands[0])]
            shared = Work(connection, scope, commands[0].at)
            stamps = [Stamp(ids[one.key], one.actor.user_id, one.verb, one.at) for one in commands]
            works = [shared.of(stamp.recorded_at, stamp) for stamp in stamps]
            answers = [answer.written() for answer in act(works)]
            ledger.add_answers(
                (stamp.posting_id, answer.status, answer.location, answer.text)
                for stamp, answer in zip(stamps, answers, strict=True)
            )
            return answers

    def _carry_out(self, verb: str, key: str, act: Callable[[Work], Result], at: datetime) -> Result:
        with self._writing(EVERYWHERE) as connection:
            new = NewPosting(key, "", 0, verb, 0, at, at)
            claimed = StockRepository(connection, EVERYWHERE).claim_keys(0, [new])
            if not claimed:
                raise KeyReused(key=key)
            return act(Work(connection, EVERYWHERE, at, Stamp(claimed[key], 0, verb, at)))

    @contextmanager
    def _writing(self, scope: Scope, *, impatient: bool = False) -> Iterator[Connection]:
        turn = self._turns.turn() if self._turns else nullcontext()
        options = {"writes": True, "scope": scope, "impatient": impatient}
        with turn, self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def _retried(self, attempt: Callable[[], Result], *, tries: int | None = None) -> Result:
        with _in_words():
            for tried in range(1, TRIES if tries is None else tries):
                try:
                    return attempt()
                except (StaleBalances, TurnTaken, DBAPIError) as error:
                    if not may_pass(error):
                        raise
                    self._watcher.retried(_name(error))
                    self._patience(random.uniform(0.01, 0.05) * 2**tried)  # noqa: S311 - jitter, not a secret
            return attempt()


@contextmanager
def _in_words() -> Iterator[None]:
    """Tell a caller what a failed transaction means for him, where it is not our own fault."""
    try:
        yield
    except (StaleBalances, TurnTaken, DBAPIError) as error:
        refusal = refusal_of(error, LOCK_WAIT_SECONDS)
        if refusal is None:
            raise
        raise refusal from error


def _name(error: Exception) -> str:
    return type(getattr(error, "orig", error)).__name__.lstrip("_")


def _new_posting(command: Command) -> NewPosting:
    actor, occurred_at = command.actor, command.occurred_at or command.at
    return NewPosting(
        command.key, command.body_sha256, actor.user_id, command.verb, actor.lo, occurred_at, command.at,
        command.reverses_id,
    )  # fmt: skip


def _replay(ledger: StockRepository, command: Command) -> Answer:
    found = ledger.find_answer(command.actor.tenant_id, command.key)
    if found is None:
        raise KeyReused(key=command.key)
    body_sha256, actor_id, verb, pos, status, location, body = found
    same = (body_sha256, actor_id, verb, pos)
    if same != (command.body_sha256, command.actor.user_id, command.verb, command.actor.lo):
        raise KeyReused(key=command.key)
    for custodian_id in ledger.list_custodians(command.actor.tenant_id, command.key):
        command.actor.must_keep(command.verb, custodian_id)
    return Answer(json.loads(body), status, location, replayed=True, text=body)


def _must_be_reversible(ledger: StockRepository, command: Command, posting_id: int) -> None:
    """What is to be reversed is there to be seen, and was not reversed before but by this very command."""

    def is_answered() -> bool:
        return ledger.find_answer(command.actor.tenant_id, command.key) is not None

    if is_answered():
        return
    reversal_id = ledger.get_posting(posting_id).reversed_by
    if reversal_id is not None and not is_answered():  # a twin may have ended between these looks
        raise AlreadyReversed(posting_id=posting_id, reversal_id=reversal_id)
