"""The demo from an empty database to the printed story; whatever an earlier run did is kept and told again."""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import datetime

from rich.console import Console

from supplyhub.demo.load import Hubei, load_province
from supplyhub.demo.people import SignIn
from supplyhub.demo.plan import find_plan, queue_run
from supplyhub.demo.story import Say, gather, tell, tell_accounts, tell_loading, tell_unplanned
from supplyhub.domain.people import Actor, Role
from supplyhub.domain.refusals import NotConfigured, words
from supplyhub.service.people import find_actor
from supplyhub.service.unit_of_work import Hub


def show(hub: Hub, console: Console, say: Say, *, lang: str, at: datetime, do_jobs: Callable[[Hub], int]) -> None:
    """Load Hubei, plan for it with `do_jobs`, and print the story; raises NotConfigured where no plan came of it."""
    console.rule(say(words("Hubei, January 2020: one province's reserves, shared out")))
    hubei = Hubei(at.date())
    accounts = load_province(hub, hubei, at=at, done=lambda done: tell_loading(console, say, done))
    planner = _find_planner(hub, accounts, at)
    plan_id = find_plan(hub, planner, at=at)
    if plan_id is None:
        queue_run(hub, planner, at=at)
        do_jobs(hub)
        plan_id = find_plan(hub, planner, at=at)
    if plan_id is None:
        raise NotConfigured(what=words("The planning run ended without a plan; the list of runs says why."))
    story = gather(hub, planner, plan_id, at=at)
    tell(console, say, story, lang=lang, peak_mib=_peak_mib())
    tell_unplanned(console, say, story, hubei.hospitals)
    tell_accounts(console, say, accounts)


def _find_planner(hub: Hub, accounts: list[SignIn], at: datetime) -> Actor:
    user_id = next(account.user_id for account in accounts if account.role is Role.PLANNER)
    with hub.read(None, at=at) as work:
        planner = find_actor(work, user_id)
    if planner is None:
        raise NotConfigured(
            what=words("The demo's planner has a closed account; open it again, or remove the database.")
        )
    return planner


def _peak_mib() -> int:
    """The most memory this process and its workers ever held; Linux reports KiB."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
