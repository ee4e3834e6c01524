"""A wire that fails when it hurts: between the service and PostgreSQL, or between clients and the service."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.rigs.servers import HOST


class Line:
    """One connection through the wire, both ends of it."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.wrote = False
        """Whether PostgreSQL has confirmed an INSERT since the last COMMIT."""
        self.mute = False
        """What the server answers is no longer passed on."""
        self.answered = threading.Event()

    def reset(self) -> None:
        """Break both ends at once, as a router that forgets; nobody is told goodbye."""
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close both ends; whoever waits at one of them is woken."""
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


Moment = Callable[[Line, bytes], bool]
"""Whether these bytes, on their way to the server, are the ones to which a mishap may happen."""


def commits(line: Line, sent: bytes) -> bool:
    """A transaction that wrote is to be committed: the driver's simple query."""
    is_commit = b"COMMIT\x00" in sent
    matters = is_commit and line.wrote
    line.wrote = line.wrote and not is_commit
    return matters


def posts(_line: Line, sent: bytes) -> bool:
    """A document has been sent to its end."""
    return sent.endswith(b"]}")


Mishap = Callable[[Line, bytes], None]
"""What happens to a line with the bytes of such a moment: they were not yet passed on."""


def lost_before(line: Line, _sent: bytes) -> None:
    """The wish never arrives."""
    line.reset()


def lost_at(line: Line, sent: bytes) -> None:
    """The wish arrives, and the line is gone before anything can come back."""
    line.server.sendall(sent)
    line.reset()


def lost_after(line: Line, sent: bytes) -> None:
    """It is done, and the answer to that is lost."""
    held_up_after(line, sent)
    line.reset()


def held_up_at(line: Line, sent: bytes) -> None:
    """The wish arrives, and something worse happens before or after it came true."""
    line.mute = True
    line.server.sendall(sent)
    time.sleep(random.uniform(0, 0.003))


def held_up_after(line: Line, sent: bytes) -> None:
    """It is done, and the answer to that is still on its way when something worse happens."""
    line.answered.clear()
    line.mute = True
    line.server.sendall(sent)
    line.answered.wait(10)


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
