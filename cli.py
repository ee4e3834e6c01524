"""The command line: each command is one call into app, jobs, service or solver; a refusal is words and exit code 1."""

from __future__ import annotations

import gettext
import multiprocessing
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from environs import EnvError
from sqlalchemy.exc import SQLAlchemyError

import supplyhub
from supplyhub import start
from supplyhub.config import Config, read_config
from supplyhub.domain.people import Role
from supplyhub.domain.refusals import InvalidInput, NotConfigured, SupplyError, words
from supplyhub.schemas import sheets
from supplyhub.schemas.files import digest_of, open_files
from supplyhub.schemas.glossary import NOUNS
from supplyhub.schemas.problems import SPOKEN
from supplyhub.schemas.sheets import Sheet, read_sheets
from supplyhub.service import catalogue, opening, oversight, people, places
from supplyhub.service.loading import load_once
from supplyhub.service.people import NewUser
from supplyhub.service.unit_of_work import Hub, Work

if TYPE_CHECKING:  # the solver and the web take a second to import; commands that need them do so themselves
    from solver import Problem

LANGUAGES = ("zh_Hans", "en")
LOOPBACK = ("127.0.0.1", "::1", "localhost")

IMPORTS: Mapping[str, tuple[Sheet[Any], Callable[[Work, Any], int]]] = {
    "places": (sheets.PLACES, places.import_places),
    "depots": (sheets.DEPOTS, places.import_depots),
    "institutions": (sheets.INSTITUTIONS, places.import_institutions),
    "ways": (sheets.WAYS, places.import_ways),
    "categories": (sheets.CATEGORIES, catalogue.import_categories),
    "items": (sheets.ITEMS, catalogue.import_items),
    "stock": (sheets.STOCK, opening.import_stock),
    "floors": (sheets.FLOORS, opening.import_floors),
}

file_path = click.Path(dir_okay=False, path_type=Path)
folder_path = click.Path(file_okay=False, path_type=Path)


def now() -> datetime:
    """The moment, read at the door."""
    return datetime.now(UTC)


@cache
def open_words(lang: str) -> gettext.NullTranslations:
    """The catalogue of translations; without one for the language, the English texts stand."""
    folder = Path(supplyhub.__file__).parent / "translations"
    return gettext.translation("messages", folder, [lang], fallback=True)


class Commands(click.Group):
    """The group that turns every refusal into words: no traceback reaches a user."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SupplyError as refusal:
            _refuse(refusal)
        except EnvError as error:
            _stop(str(error))
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            _stop(_say(words("The database refused: {cause}")).format(cause=str(cause).splitlines()[0]))
        except OSError as error:
            _stop(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "))
        except UnicodeError:
            _stop(_say(words("An argument or a setting is no UTF-8 text.")))


def _language() -> str:
    ctx = click.get_current_context(silent=True)
    chosen = ctx.find_root().params.get("lang") if ctx else None
    return str(chosen or read_config(serving=False).language)


def _say(message: str) -> str:
    return open_words(_language()).gettext(message)


def _refuse(refusal: SupplyError) -> NoReturn:
    lines = [_fill(refusal.say, refusal.facts())]
    if isinstance(refusal, InvalidInput):
        lines += [f"{fault.where}: {_fill(fault.message, fault.facts)}" for fault in refusal.faults]
    _stop("\n".join(lines))


def _fill(template: str, facts: Mapping[str, Any]) -> str:
    """A sentence in the reader's language, and so are those of its facts that are words of ours."""
    spoken = {name: _speak(value) if name in SPOKEN else value for name, value in facts.items()}
    return _say(template).format(**spoken)


def _speak(value: Any) -> str:
    return ", ".join(_say(NOUNS.get(part, part)) for part in str(value).split(", ") if part)


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(1)


@contextmanager
def _opened() -> Iterator[Hub]:
    """The hub for one command, its connections closed after it."""
    hub = start.open_hub(read_config(serving=False))
    try:
        yield hub
    finally:
        hub.engine.dispose()


@click.group(cls=Commands)
@click.option("--lang", type=click.Choice(LANGUAGES), help="输出语言 / language of what is printed")
@click.version_option(package_name="supplyhub")
def main(lang: str | None) -> None:
    """应急物资储备与公平调配 / Emergency supplies: reserves and fair allocation."""


# --- starting and running -------------------------------------------------------------------------------------


@main.command()
def migrate() -> None:
    """建库或升级数据库 / Bring the database to the schema of this version."""
    start.migrate(read_config(serving=False)).engine.dispose()
    click.echo(_say(words("The database is ready.")))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address to listen on")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口 / port")
@click.option("--worker/--no-worker", default=True, help="同时启动规划进程 / run a planning worker beside")
def serve(host: str, port: int, worker: bool) -> None:
    """启动服务 / Serve the pages and the API."""
    config = read_config()
    if config.mode == "demo" and host not in LOOPBACK:
        raise NotConfigured(what=words("A demo is served on 127.0.0.1 only; set SUPPLYHUB_MODE=production for others."))
    start.open_to_serve(config).engine.dispose()
    _serve(config, host, port, worker=worker)


def _serve(config: Config, host: str, port: int, *, worker: bool) -> None:
    import waitress

    from supplyhub.app import create_app

    app = create_app(config)
    if worker:
        # A process of its own, and spawned: a fork would carry open connections over, a thread would hold pages up.
        multiprocessing.get_context("spawn").Process(target=run_worker, args=(config,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as Ctrl-C: the worker is told before this ends
    click.echo(_say(words("Serving on {address}; stop with Ctrl-C.")).format(address=f"http://{host}:{port}/"))
    waitress.serve(app, host=host, port=port, threads=8, ident=None, _quiet=True)


def run_worker(config: Config) -> None:
    """Do planning runs and approvals until told to stop, or until the server that started this is gone."""
    from supplyhub.jobs.worker import work_on

    hub, stop = start.open_to_serve(config), threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):  # what is being done is finished first
        signal.signal(name, lambda *_: stop.set())
    server = multiprocessing.parent_process()
    if server is not None:
        threading.Thread(target=_stop_after, args=(server, stop), daemon=True).start()
    work_on(hub, stop)


def _stop_after(server: BaseProcess, stop: threading.Event) -> None:
    server.join()
    stop.set()


@main.command()
def worker() -> None:
    """启动规划进程 / Do planning runs and approvals as they come."""
    config = read_config(serving=False)
    start.open_to_serve(config).engine.dispose()
    click.echo(_say(words("Waiting for work; stop with Ctrl-C.")))
    run_worker(config)


@main.command()
@click.option("--no-serve", is_flag=True, help="讲完即止 / stop after the story")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口 / port")
@click.option("--lang", type=click.Choice(LANGUAGES), help="输出语言 / language of the story")
@click.pass_context
def demo(ctx: click.Context, no_serve: bool, port: int, lang: str | None) -> None:
    """载入湖北示范数据、规划并演示 / Load Hubei, plan for it, print the story and serve."""
    from rich.console import Console

    from supplyhub.demo.showing import show
    from supplyhub.jobs.worker import run_due

    config = read_config("demo")
    ctx.find_root().params["lang"] = lang or ctx.find_root().params.get("lang")
    config = replace(config, language=_language())
    hub = start.migrate(config)
    try:
        show(hub, Console(), _say, lang=config.language, at=now(), do_jobs=run_due)
    finally:
        hub.engine.dispose()
    if not no_serve:
        _serve(config, "127.0.0.1", port, worker=True)


# --- people ---------------------------------------------------------------------------------------------------


@main.group()
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
    with _opened() as hub:
        hub.write(lambda work: people.add_user(work, None, new, password), at=now())
    if generate:
        click.echo(_say(words("Password, shown only now: {password}")).format(password=password))
    click.echo(_say(words("The account {username} is open.")).format(username=username))


def _ask_password() -> str:
    return str(click.prompt(_say(words("Password")), hide_input=True, confirmation_prompt=True))


@user.command("list")
def list_users() -> None:
    """列出用户 / List the accounts."""
    with _opened() as hub, hub.read(None, at=now()) as work:
        for found in people.list_users(work, None):
            marks = "".join(mark for mark, holds in ((" demo", found.demo), (" closed", not found.active)) if holds)
            click.echo(f"{found.username}\t{found.role.value}\t{found.display_name}{marks}")


@user.command("password")
@click.argument("username")
@click.option("--generate", is_flag=True, help="生成随机密码 / make a random password and show it once")
def set_password(username: str, generate: bool) -> None:
    """重设密码 / Give an account a new password."""
    password = secrets.token_urlsafe(12) if generate else _ask_password()
    with _opened() as hub:
        hub.write(lambda work: people.set_password(work, None, username, password), at=now())
    if generate:
        click.echo(_say(words("Password, shown only now: {password}")).format(password=password))
    click.echo(_say(words("The password of {username} is set.")).format(username=username))


@user.command("close")
@click.argument("username")
def close_account(username: str) -> None:
    """停用账号 / Shut an account: its sessions and tokens end at once."""
    with _opened() as hub:
        hub.write(lambda work: people.close_account(work, None, username), at=now())
    click.echo(_say(words("The account {username} is closed.")).format(username=username))


@main.group()
def token() -> None:
    """API 令牌 / Bearer tokens for the API."""


@token.command("make")
@click.argument("username")
@click.option("--label", required=True, help="用途 / what it is for")
@click.option("--days", type=click.IntRange(1, 3650), help="有效天数 / days until it runs out")
def make_token(username: str, label: str, days: int | None) -> None:
    """生成令牌 / Make a token; it is shown once."""
    until = None if days is None else now() + timedelta(days=days)
    with _opened() as hub:
        number, secret = hub.write(lambda work: people.make_token(work, None, username, label, until=until), at=now())
    click.echo(_say(words("Token {number}, shown only now:")).format(number=number), err=True)
    click.echo(secret)


@token.command("revoke")
@click.argument("username")
@click.argument("number", type=int)
def revoke_token(username: str, number: int) -> None:
    """吊销令牌 / End a token."""
    with _opened() as hub:
        hub.write(lambda work: people.revoke_token(work, None, username, number), at=now())
    click.echo(_say(words("Token {number} is revoked.")).format(number=number))


# --- data -----------------------------------------------------------------------------------------------------


@main.command("import")
@click.argument("kind", type=click.Choice(list(IMPORTS)))
@click.argument("files", nargs=-1, required=True, type=file_path)
def import_files(kind: str, files: tuple[Path, ...]) -> None:
    """从 CSV 载入 / Load CSV files: all or nothing, every fault named at once."""
    sheet, verb = IMPORTS[kind]
    opened = open_files(files)
    columns = read_sheets(sheet, opened)
    with _opened() as hub:
        count = load_once(hub, verb.__name__, digest_of(opened), lambda work: verb(work, columns), at=now())
    click.echo(_say(words("{count} rows were loaded.")).format(count=count))


@main.group()
def ledger() -> None:
    """台账 / The stock ledger."""


@ledger.command("verify")
def verify() -> None:
    """核验台账 / Prove every balance from its movements."""
    with _opened() as hub, hub.read(None, at=now(), steady=True) as work:
        found = oversight.verify_ledger(work, None)
    for fault in found.faults:
        click.echo(str(fault), err=True)
    message = words("{movements} ends of movements and {balances} balances were proved; {faults} faults.")
    facts = {"movements": found.movements, "balances": found.balances, "faults": len(found.faults)}
    click.echo(_say(message).format(**facts))
    if found.faults:
        raise SystemExit(1)


# --- the solver by itself -------------------------------------------------------------------------------------


@main.command("export-instance")
@click.option("--out", required=True, type=folder_path, help="新文件夹 / a folder that does not exist yet")
@click.option("--plan", "plan_id", type=int, help="方案编号,缺省为最新 / number of the plan, the latest if left out")
def export_instance(out: Path, plan_id: int | None) -> None:
    """导出方案所依据的数据 / Write what a plan was made from as an instance folder."""
    from supplyhub.jobs import exporting

    with _opened() as hub:
        exporting.export_instance(hub, out, plan_id, at=now())
    click.echo(str(out))


@main.command()
@click.argument("instance", type=folder_path)
@click.option("--out", required=True, type=folder_path, help="方案文件夹 / folder for the plan")
def plan(instance: Path, out: Path) -> None:
    """求解 / Solve an instance folder, check the plan, and write it."""
    import solver

    if out.exists() and any(out.iterdir()) and not (out / "allocation.csv").exists():
        _stop(_say(words("{folder} holds something that is no plan; name another folder")).format(folder=out))
    problem = _read_instance(instance)
    found = solver.solve(problem)
    faults = solver.check(problem, found)
    if faults:
        _stop_with(faults)
    solver.write_plan(replace(found, proved=True), problem, out)
    click.echo(str(out))


@main.command()
@click.argument("instance", type=folder_path)
@click.argument("plan_folder", metavar="PLAN", type=folder_path)
def check(instance: Path, plan_folder: Path) -> None:
    """核验方案 / Say every fault of a plan; exit code 0 only where it is true."""
    import solver

    problem = _read_instance(instance)
    try:
        found = solver.read_plan(plan_folder, problem)
    except solver.MalformedPlan as refusal:
        _stop_with(refusal.faults)
    faults = solver.check(problem, found)
    if faults:
        _stop_with(faults)
    click.echo(_say(words("The plan is true.")))


def _read_instance(folder: Path) -> Problem:
    import solver

    try:
        return solver.read_instance(folder)
    except solver.MalformedProblem as refusal:
        _stop_with(refusal.faults)


def _stop_with(faults: Any) -> NoReturn:
    """The solver says its faults in both languages itself."""
    lang = _language()
    _stop("\n".join(f"{fault.where}: {fault.en if lang == 'en' else fault.zh}" for fault in faults))


if __name__ == "__main__":
    main()
