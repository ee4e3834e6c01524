"""Commands about people: accounts and tokens."""

from __future__ import annotations

import secrets
from datetime import timedelta

import click

from supplyhub.commands.saying import now, opened, say
from supplyhub.domain.people import Role
from supplyhub.domain.refusals import words
from supplyhub.service import people
from supplyhub.service.people import NewUser


@click.group()
def user() -> None:
    """用户 / Accounts of people."""


@user.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="角色 / role")
@click.option("--division", required=True, help="辖区代码 / 12-digit code of the district")
@click.option("--name", help="姓名 / name to show")
@click.option("--generate", is_flag=True, help="生成随机密码 / make a random password and show it once")
def add_user(username: str, role: str, division: str, name: str | None, generate: bool) -> None:
    """新增用户 / Open an account."""
    new = NewUser(username, name or username, Role(role), division)
    password = secrets.token_urlsafe(12) if generate else _ask_password()
    with opened() as hub:
        hub.write(lambda work: people.add_user(work, None, new, password), at=now())
    if generate:
        click.echo(say(words("Password, shown only now: {password}")).format(password=password))
    click.echo(say(words("The account {username} is open.")).format(username=username))


def _ask_password() -> str:
    return str(click.prompt(say(words("Password")), hide_input=True, confirmation_prompt=True))


@user.command("list")
def list_users() -> None:
    """列出用户 / List the accounts."""
    with opened() as hub, hub.read(None, at=now()) as work:
        for found in people.list_users(work, None):
            marks = "".join(mark for mark, holds in ((" demo", found.demo), (" closed", not found.active)) if holds)
            click.echo(f"{found.username}\t{found.role.value}\t{found.display_name}{marks}")


@user.command("password")
@click.argument("username")
@click.option("--generate", is_flag=True, help="生成随机密码 / make a random password and show it once")
def set_password(username: str, generate: bool) -> None:
    """重设密码 / Give an account a new password."""
    password = secrets.token_urlsafe(12) if generate else _ask_password()
    with opened() as hub:
        hub.write(lambda work: people.set_password(work, None, username, password), at=now())
    if generate:
        click.echo(say(words("Password, shown only now: {password}")).format(password=password))
    click.echo(say(words("The password of {username} is set.")).format(username=username))


@user.command("close")
@click.argument("username")
def close_account(username: str) -> None:
    """停用账号 / Shut an account: its sessions and tokens end at once."""
    with opened() as hub:
        hub.write(lambda work: people.close_account(work, None, username), at=now())
    click.echo(say(words("The account {username} is closed.")).format(username=username))


@click.group()
def token() -> None:
    """API 令牌 / Bearer tokens for the API."""


@token.command("make")
@click.argument("username")
@click.option("--label", required=True, help="用途 / what it is for")
@click.option("--days", type=click.IntRange(1, 3650), help="有效天数 / days until it runs out")
def make_token(username: str, label: str, days: int | None) -> None:
    """生成令牌 / Make a token; it is shown once."""
    until = None if days is None else now() + timedelta(days=days)
    with opened() as hub:
        number, secret = hub.write(lambda work: people.make_token(work, None, username, label, until=until), at=now())
    click.echo(say(words("Token {number}, shown only now:")).format(number=number), err=True)
    click.echo(secret)


@token.command("revoke")
@click.argument("username")
@click.argument("number", type=int)
def revoke_token(username: str, number: int) -> None:
    """吊销令牌 / End a token."""
    with opened() as hub:
        hub.write(lambda work: people.revoke_token(work, None, username, number), at=now())
    click.echo(say(words("Token {number} is revoked.")).format(number=number))
