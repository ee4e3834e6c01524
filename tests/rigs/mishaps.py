"""What may happen to a connection, and when: the moments that matter, and the ways in which a line is lost at them."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable


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
