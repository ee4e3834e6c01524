"""Processes of a rig: started by it, ended by it by their own numbers, and never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Where Linux offers it, end this child when whoever started it is gone, even if that was killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """A running program whose words go to a file."""

    def __init__(self, command: list[str], log: Path, **options: Any) -> None:
        self.log = log
        self._command, self._options = command, options
        self.process = self._run()

    def _run(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(
                self._command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,
                **self._options,
            )  # fmt: skip

    def start(self) -> None:
        """Start it again after it was killed."""
        self.process = self._run()

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def stop(self) -> None:
        """Hold it where it is; it starts nothing from here on."""
        self.process.send_signal(signal.SIGSTOP)
        stat = Path(f"/proc/{self.pid}/stat")
        wait_until(lambda: stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] in "TZ",
                   "a program that holds still")  # fmt: skip

    def go_on(self) -> None:
        """Let it go on after `stop`."""
        self.process.send_signal(signal.SIGCONT)

    def list_children(self) -> list[int]:
        """The numbers of the processes it has started."""
        try:
            text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            return []
        return [int(number) for number in text.split()]

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def end(self, wait_seconds: float = 10) -> None:
        """Ask it to end; kill it with its children if it does not."""
        children = self.list_children()
        self.process.terminate()
        try:
            self.process.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            for number in children:
                kill(number)

    def said(self) -> str:
        """The end of its log, for whoever has to find out why."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]


def kill(number: int) -> None:
    """SIGKILL one process that may be gone by now."""
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return


def is_alive(number: int) -> bool:
    """Whether there is such a process, and not only its remains."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace")
        return not stat.rpartition(")")[2].startswith(" Z")
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Look again and again; raises TimeoutError that says what was waited for."""
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.01)
