"""Commands that keep the service going: the database, the server, the worker, the demo."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from dataclasses import replace
from multiprocessing.process import BaseProcess

import click

from supplyhub import logs, start
from supplyhub.commands.saying import language, now, say
from supplyhub.config import Config, read_config
from supplyhub.domain.refusals import NotConfigured, words
from supplyhub.languages import LANGUAGES

LOOPBACK = ("127.0.0.1", "::1", "localhost")
NO_DOOR = words(
    "This address cannot be listened on: most often another program does; name another with --port or --host."
)


@click.command()
def migrate() -> None:
    """建库或升级数据库 / Bring the database to the schema of this version."""
    start.migrate(read_config(serving=False)).engine.dispose()
    click.echo(say(words("The database is ready.")))


@click.command()
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
    from supplyhub.app import create_app
    from supplyhub.commands import waitress_server

    logs.set_up(config.mode)
    try:
        door = waitress_server.open_door(host, port)
    except OSError:
        raise NotConfigured(what=NO_DOOR) from None
    app = create_app(config)
    if worker:
        # A process of its own, and spawned: a fork would carry open connections over, a thread would hold pages up.
        multiprocessing.get_context("spawn").Process(target=run_worker, args=(config,), daemon=True).start()
    start.settle()
    click.echo(say(words("Serving on {address}; stop with Ctrl-C.")).format(address=f"http://{host}:{port}/"))
    waitress_server.serve(app, door)


def run_worker(config: Config) -> None:
    """Do jobs as they come, and keep the books, until told to stop, or until the server that started this is gone."""
    from supplyhub.jobs.bookkeeping import books_kept
    from supplyhub.jobs.worker import work_on

    logs.set_up(config.mode)
    hub, stop = start.open_to_serve(config), threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):  # what is being done is finished first
        signal.signal(name, lambda *_: stop.set())
    server = multiprocessing.parent_process()
    if server is not None:
        threading.Thread(target=_stop_after, args=(server, stop), daemon=True).start()
    with books_kept(hub):
        work_on(hub, stop, config.verify_hour)


def _stop_after(server: BaseProcess, stop: threading.Event) -> None:
    server.join()
    stop.set()


@click.command()
def worker() -> None:
    """启动规划进程 / Do planning runs and approvals as they come."""
    config = read_config(serving=False)
    start.open_to_serve(config).engine.dispose()
    click.echo(say(words("Waiting for work; stop with Ctrl-C.")))
    run_worker(config)


@click.command()
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
    config = replace(config, language=language())
    hub = start.migrate(config)
    try:
        show(hub, Console(), say, lang=config.language, at=now(), do_jobs=run_due)
    finally:
        hub.engine.dispose()
    if not no_serve:
        _serve(config, "127.0.0.1", port, worker=True)
