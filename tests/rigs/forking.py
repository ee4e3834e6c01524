"""Programs of a rig that load once and fork a process for each connection: quick to replace when it was killed."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.rigs.children import Child, is_alive, kill, wait_until
from tests.rigs.servers import ROOT


class ForkServer(Child):
    """The program at whose socket processes are to be had."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.path = folder / "forks"
        super().__init__([*command, str(self.path)], folder / "forks.log", cwd=ROOT, env=dict(environment))

    @contextmanager
    def running(self) -> Iterator[Self]:
        """From when it takes connections until it is ended; raises with its last words where it ended instead."""
        try:
            wait_until(lambda: self.path.exists() or self.process.poll() is not None, "a program that listens", 60)
            if self.process.poll() is not None:
                raise RuntimeError(self.said())
            yield self
        finally:
            self.go_on()
            self.end()

    def kill_forks(self) -> None:
        """SIGKILL all processes there are at this moment; none is born until `go_on`."""
        self.stop()
        forks = self.list_children()
        for number in forks:
            kill(number)
        wait_until(lambda: not any(map(is_alive, forks)), "processes that ended")


def fork_for_each(path: Path, work_for: Callable[[socket.socket], None]) -> None:
    """Fork a process for each who connects there, for ever."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()
    while True:
        line, _ = listening.accept()
        if os.fork():
            line.close()
            continue
        listening.close()
        try:
            work_for(line)
        finally:
            os._exit(0)
