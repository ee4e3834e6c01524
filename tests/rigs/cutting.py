"""A wire that fails when it hurts: between the service and PostgreSQL, or between clients and the service."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.rigs.mishaps import Line, Mishap, Moment
from tests.rigs.servers import HOST


class CutWire:
    """Passes everything on, until told that at the next moment of its kind there is to be a mishap."""

    def __init__(self, port: int, is_moment: Moment) -> None:
        self._target, self._is_moment = port, is_moment
        self._listening = socket.create_server((HOST, 0))
        self.port: int = self._listening.getsockname()[1]
        self._armed: Mishap | None = None
        self._lock = threading.Lock()
        self._lines: set[Line] = set()
        self.happened = threading.Event()

    def arm(self, mishap: Mishap) -> None:
        """At the next such moment this happens; `happened` is set then."""
        with self._lock:
            self._armed = mishap
            self.happened.clear()

    def run(self) -> None:
        """Take calls until the listening socket is closed."""
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((HOST, self._target), timeout=5)
            except OSError:  # nobody is there: then nobody is here either
                client.close()
                continue
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Line(client, server)
            self._lines.add(line)
            threading.Thread(target=self._ask, args=(line,), daemon=True).start()
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _ask(self, line: Line) -> None:
        """From the service to the server."""
        with contextlib.suppress(OSError):
            while sent := line.client.recv(65536):
                mishap = self._take() if self._is_moment(line, sent) else None
                if mishap is None:
                    line.server.sendall(sent)
                else:
                    mishap(line, sent)
                    self.happened.set()
        self._drop(line)

    def _answer(self, line: Line) -> None:
        """From the server back."""
        with contextlib.suppress(OSError):
            while said := line.server.recv(65536):
                line.wrote = line.wrote or b"INSERT 0 " in said
                line.answered.set()
                if not line.mute:
                    line.client.sendall(said)
        self._drop(line)

    def _take(self) -> Mishap | None:
        with self._lock:
            mishap, self._armed = self._armed, None
            return mishap

    def _drop(self, line: Line) -> None:
        self._lines.discard(line)
        line.close()

    def close(self) -> None:
        """Hang up on everybody."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for line in list(self._lines):
            line.reset()


@contextmanager
def cut_wire(port: int, is_moment: Moment) -> Iterator[CutWire]:
    """A wire to that port of this machine."""
    wire = CutWire(port, is_moment)
    thread = threading.Thread(target=wire.run, name="wire", daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.close()
        thread.join()
