"""The command line: a list of commands, each in a room of `supplyhub.commands` that is opened when it is called."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

from supplyhub.commands.saying import end_for_interrupt, stop_for
from supplyhub.languages import LANGUAGES

ROOMS = {
    "migrate": "serving",
    "serve": "serving",
    "worker": "serving",
    "demo": "serving",
    "user": "accounts",
    "token": "accounts",
    "import": "data",
    "ledger": "data",
    "backup": "keeping",
    "restore": "keeping",
    "export-instance": "data",
    "plan": "solving",
    "check": "solving",
    "explain": "explaining",
    "what-if": "what_if",
}
"""Where each command stands. Opening all rooms takes a second, which nobody should wait for who calls one."""
NAMES = {"import": "import_files", "export-instance": "export_instance", "what-if": "what_if"}
"""Functions that cannot be called as their commands are."""


class Commands(click.Group):
    """The group that opens rooms and turns every refusal into words: no traceback reaches a user."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(ROOMS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ROOMS:
            return None
        room = import_module(f"supplyhub.commands.{ROOMS[cmd_name]}")
        command: click.Command = getattr(room, NAMES.get(cmd_name, cmd_name))
        return command

    def invoke(self, ctx: click.Context) -> Any:
        if os.environ.get("SUPPLYHUB_LOG_COMMANDS", "").lower() not in {"1", "true", "yes", "on"}:
            return self._invoke(ctx)
        from supplyhub.commands.telling import told

        with told(ctx):
            return self._invoke(ctx)

    def _invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            end_for_interrupt()
        except Exception as error:
            stop_for(error)
            raise


@click.group(cls=Commands)
@click.option("--lang", type=click.Choice(LANGUAGES), help="输出语言 / language of what is printed")
@click.version_option(package_name="supplyhub")
def main(lang: str | None) -> None:
    """应急物资储备与公平调配 / Emergency supplies: reserves and fair allocation."""


if __name__ == "__main__":
    main()
