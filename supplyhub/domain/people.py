"""Who may do what, and where: roles, rights and the actor that carries them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supplyhub.domain.refusals import NotAllowed


class Role(StrEnum):
    """The five roles; each user has one, and one district (辖区)."""

    KEEPER = "keeper"  # 仓库保管员
    PLANNER = "planner"  # 调度计划员
    TOWNSHIP = "township"  # 乡镇(街道)经办
    SUPERVISOR = "supervisor"  # 监管员
    ADMINISTRATOR = "administrator"  # 系统管理员


READ = frozenset({"read_places", "read_catalogue", "read_stock", "read_requests", "read_transfers"})
KEEP = frozenset(
    {"post_receipt", "post_issue", "post_count", "reverse_posting", "make_transfer", "dispatch_transfer",
     "receive_transfer", "cancel_transfer", "recall_transfer"}
)  # fmt: skip
ASK = frozenset({"make_request", "withdraw_request", "answer_request_line", "receive_transfer"})
PLAN = frozenset({"read_plans", "start_run", "cancel_run", "approve_plan", "reject_plan", "cancel_transfer"})
OVERSEE = frozenset({"read_plans", "read_movements", "verify_ledger", "start_verification", "cancel_verification"})
ADMINISTER = frozenset({"manage_people", "import_places", "import_catalogue", "import_stock"})

RIGHTS: dict[Role, frozenset[str]] = {
    Role.KEEPER: READ | KEEP | {"read_movements"},
    Role.PLANNER: READ | PLAN | {"read_movements"},
    Role.TOWNSHIP: READ | ASK | {"read_granted"},
    Role.SUPERVISOR: READ | OVERSEE,
    Role.ADMINISTRATOR: READ | OVERSEE | ADMINISTER,
}


@dataclass(frozen=True)
class Actor:
    """A signed-in person: a role, and a district as the half-open interval [lo, hi) of tree positions."""

    user_id: int
    name: str
    role: Role
    division_id: int
    division_code: str
    lo: int
    hi: int
    tenant_id: int

    def may(self, verb: str) -> bool:
        """Whether the role holds the right at all."""
        return verb in RIGHTS[self.role]

    def must(self, verb: str) -> None:
        """Refuse unless the role holds the right."""
        if not self.may(verb):
            raise NotAllowed(role=self.role.value, verb=verb)

    def sees(self, pos: int) -> bool:
        """Whether a tree position lies in the district."""
        return self.lo <= pos < self.hi

    def must_keep(self, verb: str, custodian_id: int) -> None:
        """Acting on a depot's stock needs the right, and the custody to be with exactly this district."""
        self.must(verb)
        if custodian_id != self.division_id:
            raise NotAllowed(role=self.role.value, verb=verb)


@dataclass(frozen=True)
class Token:
    """A bearer token as its owner sees it: everything but the secret."""

    id: int
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class User:
    """A person's account as the administrator sees it."""

    id: int
    username: str
    display_name: str
    role: Role
    division_id: int
    active: bool
    demo: bool
