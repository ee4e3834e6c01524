"""People: accounts, signing in and being locked out, tokens shown once, and production without demo accounts."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from supplyhub.domain.people import Role
from supplyhub.domain.refusals import InvalidInput, NotAllowed, NotConfigured, NotFound, SignInRefused
from supplyhub.persistence.scope import EVERYWHERE
from supplyhub.service import people
from supplyhub.service.people import FAILURES_MAX, LOCK_MINUTES, NewUser
from supplyhub.service.unit_of_work import Hub
from tests.conftest import NOW
from tests.world import COUNTY, PROVINCE, TOWNSHIP, World, build_world
from tests.world import PASSWORD as WORLD_PASSWORD

PASSWORD = "a long and dull password"


@pytest.fixture
def clerk(world: World) -> World:
    new = NewUser("clerk", "王经办", Role.TOWNSHIP, TOWNSHIP)
    world.hub.write(lambda work: people.add_user(work, None, new, PASSWORD), at=NOW)
    return world


def test_a_new_account_signs_in_with_its_role_and_district(clerk: World) -> None:
    actor = people.sign_in(clerk.hub, "clerk", PASSWORD, at=NOW)
    assert (actor.name, actor.role, actor.division_code) == ("王经办", Role.TOWNSHIP, TOWNSHIP)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("clerk", "wrong password"),
        ("nobody", PASSWORD),
        ("clerk", ""),
        ("", ""),
        ("clerk\x00", PASSWORD),
        ("clerk", PASSWORD * 20),
    ],
)
def test_a_wrong_name_or_password_gets_one_and_the_same_refusal(clerk: World, username: str, password: str) -> None:
    with pytest.raises(SignInRefused) as refused:
        people.sign_in(clerk.hub, username, password, at=NOW)
    assert refused.value.facts() == {"wait_minutes": LOCK_MINUTES}


def test_five_failures_lock_an_account_out_for_a_quarter_of_an_hour(clerk: World) -> None:
    for _ in range(FAILURES_MAX):
        with pytest.raises(SignInRefused):
            people.sign_in(clerk.hub, "clerk", "wrong password", at=NOW)
    with pytest.raises(SignInRefused):
        people.sign_in(clerk.hub, "clerk", PASSWORD, at=NOW + timedelta(minutes=LOCK_MINUTES - 1))
    later = NOW + timedelta(minutes=LOCK_MINUTES, seconds=1)
    assert people.sign_in(clerk.hub, "clerk", PASSWORD, at=later).name == "王经办"


def test_the_right_password_forgives_earlier_failures_and_others_are_not_locked_out(clerk: World) -> None:
    for _ in range(3):
        for _ in range(FAILURES_MAX - 1):
            with pytest.raises(SignInRefused):
                people.sign_in(clerk.hub, "clerk", "wrong password", at=NOW)
        assert people.sign_in(clerk.hub, "clerk", PASSWORD, at=NOW)


def test_a_new_password_replaces_the_old_one_and_opens_a_lock(clerk: World) -> None:
    for _ in range(FAILURES_MAX):
        with pytest.raises(SignInRefused):
            people.sign_in(clerk.hub, "clerk", "wrong password", at=NOW)
    clerk.hub.write(lambda work: people.set_password(work, None, "clerk", "another dull password"), at=NOW)
    assert people.sign_in(clerk.hub, "clerk", "another dull password", at=NOW)
    with pytest.raises(SignInRefused):
        people.sign_in(clerk.hub, "clerk", PASSWORD, at=NOW)


def test_passwords_are_kept_as_slow_hashes_only(clerk: World) -> None:
    with clerk.hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        kept = connection.scalar(sa.text("SELECT password_hash FROM user_account WHERE username = 'clerk'"))
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_every_fault_of_an_account_is_named_at_once(clerk: World) -> None:
    new = NewUser("two words", "\n", Role.KEEPER, COUNTY)
    with pytest.raises(InvalidInput) as refused:
        clerk.hub.write(lambda work: people.add_user(work, None, new, "short"), at=NOW)
    assert [fault.where for fault in refused.value.faults] == ["username", "display_name", "password"]


def test_a_name_is_given_once(clerk: World) -> None:
    again = NewUser("clerk", "另一人", Role.KEEPER, COUNTY)
    with pytest.raises(InvalidInput) as refused:
        clerk.hub.write(lambda work: people.add_user(work, None, again, PASSWORD), at=NOW)
    assert [fault.where for fault in refused.value.faults] == ["username"]


def test_only_an_administrator_manages_people(clerk: World) -> None:
    new = NewUser("other", "另一人", Role.KEEPER, COUNTY)
    keeper, administrator = clerk.actors["keeper"], clerk.actors["administrator"]
    with pytest.raises(NotAllowed):
        clerk.hub.write(lambda work: people.add_user(work, keeper, new, PASSWORD), at=NOW)
    with clerk.hub.read(keeper, at=NOW) as work, pytest.raises(NotAllowed):
        people.list_users(work, keeper)
    with clerk.hub.read(administrator, at=NOW) as work:
        assert "clerk" in [user.username for user in people.list_users(work, administrator)]


def test_a_token_stands_for_its_account_until_revoked_or_run_out(clerk: World) -> None:
    until = NOW + timedelta(days=1)
    number, token = clerk.hub.write(
        lambda work: people.make_token(work, None, "clerk", "a script", until=until), at=NOW
    )
    with clerk.hub.read(None, at=NOW) as work:
        actor = people.find_actor_by_token(work, token)
        assert actor is not None
        assert actor.division_code == TOWNSHIP
        assert people.find_actor_by_token(work, token[:-1]) is None
    with clerk.hub.read(None, at=until) as work:
        assert people.find_actor_by_token(work, token) is None
    clerk.hub.write(lambda work: people.revoke_token(work, None, "clerk", number), at=NOW)
    with clerk.hub.read(None, at=NOW) as work:
        assert people.find_actor_by_token(work, token) is None
    with pytest.raises(NotFound):
        clerk.hub.write(lambda work: people.revoke_token(work, None, "clerk", number), at=NOW)


def test_a_token_is_random_and_only_its_digest_is_kept(clerk: World) -> None:
    made = [clerk.hub.write(lambda work: people.make_token(work, None, "clerk", "x"), at=NOW)[1] for _ in range(2)]
    assert made[0] != made[1]
    assert min(map(len, made)) >= 43
    with clerk.hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        kept = set(connection.scalars(sa.text("SELECT digest FROM token")))
    assert kept == {hashlib.sha256(token.encode()).hexdigest() for token in made}


def test_a_token_of_one_account_is_not_revoked_through_another(clerk: World) -> None:
    number, token = clerk.hub.write(lambda work: people.make_token(work, None, "clerk", "x"), at=NOW)
    with pytest.raises(NotFound):
        clerk.hub.write(lambda work: people.revoke_token(work, None, "planner", number), at=NOW)
    with clerk.hub.read(None, at=NOW) as work:
        assert people.find_actor_by_token(work, token) is not None


def test_production_does_not_start_over_demo_accounts(clerk: World) -> None:
    with clerk.hub.read(None, at=NOW) as work:
        people.must_be_ready(work, "production")
    new = NewUser("demo", "演示", Role.PLANNER, PROVINCE, demo=True)
    clerk.hub.write(lambda work: people.add_user(work, None, new, PASSWORD), at=NOW)
    with clerk.hub.read(None, at=NOW) as work:
        people.must_be_ready(work, "demo")
        with pytest.raises(NotConfigured):
            people.must_be_ready(work, "production")


def test_a_new_password_ends_the_sessions_of_the_old_one(hub: Hub) -> None:
    world = build_world(hub)
    user_id = world.actors["keeper"].user_id
    with hub.read(None, at=NOW) as work:
        session = people.make_session(work, user_id)
        assert people.find_actor_by_session(work, session) == world.actors["keeper"]
        for wrong in ("", "1", f"{user_id}", f"{user_id}.", session[:-1], "x." + session, f"{10**30}.{session}"):
            assert people.find_actor_by_session(work, wrong) is None
    hub.write(lambda work: people.set_password(work, None, "keeper", "another long password"), at=NOW)
    with hub.read(None, at=NOW) as work:
        assert people.find_actor_by_session(work, session) is None


def test_who_has_left_is_shut_out_at_once(hub: Hub) -> None:
    world = build_world(hub)
    keeper = world.actors["keeper"]
    _, text = hub.write(lambda work: people.make_token(work, None, "keeper", "scanner"), at=NOW)
    with hub.read(None, at=NOW) as work:
        session = people.make_session(work, keeper.user_id)
        assert people.find_actor_by_token(work, text) == keeper
    hub.write(lambda work: people.close_account(work, None, "keeper"), at=NOW)
    with hub.read(None, at=NOW) as work:
        assert people.find_actor_by_session(work, session) is None
        assert people.find_actor_by_token(work, text) is None
    with pytest.raises(SignInRefused):
        people.sign_in(hub, "keeper", WORLD_PASSWORD, at=NOW)
