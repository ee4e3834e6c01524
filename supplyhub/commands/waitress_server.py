"""Serving by waitress in one process, which ends on SIGTERM or Ctrl-C when what it has accepted is answered."""

from __future__ import annotations

import select
import signal
import socket
import threading
import time
from typing import Any

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.server import BaseWSGIServer
from waitress.task import WSGITask

GRACE_SECONDS = 10
"""How long what was accepted may take to be answered."""
LINGER_SECONDS = 2
"""How long a line that is kept open may still bring a request that was on its way."""
LOOK_SECONDS = 0.25
"""How soon a wish to stop is seen."""

_stop = threading.Event()


class _LastTask(WSGITask):  # type: ignore[misc]  # waitress ships no types
    def build_response_header(self) -> Any:
        if _stop.is_set():  # the client is told that the line is closed after this answer
            self.request.headers["CONNECTION"] = "close"
        return super().build_response_header()


class _Request(HTTPRequestParser):  # type: ignore[misc]  # as above
    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request; what cannot be read is the sender's fault, and answered as that.

        Of a transfer coding that there is not waitress would say that it is our fault, for a length or an address that
        cannot be read it would close the line without a word, and both a length and chunks it would take.
        """
        try:
            super().parse_header(header_plus)
        except (TransferEncodingNotImplemented, ValueError) as error:
            raise ParsingError("the head of this request cannot be read") from error
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("a body has either a length or chunks")


class Channel(HTTPChannel):  # type: ignore[misc]  # as above
    """A line to a client."""

    parser_class, task_class = _Request, _LastTask


def open_door(host: str, port: int) -> socket.socket:
    """A socket of this address; OSError where it cannot be listened on."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def serve(app: Any, door: socket.socket) -> None:
    """Serve until told to stop; then answer what was accepted, for a while at most, and take nothing new."""
    # A handler that raises would leave whatever the loop was just doing half done.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: _stop.set())
    BaseWSGIServer.channel_class = Channel
    server = waitress.create_server(app, sockets=[door], threads=8, ident=None)
    while not _stop.is_set():
        _turn(server)
    _close_door(server)
    told = time.monotonic()
    while (waited := time.monotonic() - told) < GRACE_SECONDS and (channels := _channels(server)):
        if waited > LINGER_SECONDS and not any(one.requests or one.total_outbufs_len for one in channels):
            break
        _turn(server)
    server.task_dispatcher.shutdown()


def _turn(server: Any) -> None:
    wasyncore.loop(timeout=LOOK_SECONDS, map=server._map, count=1)


def _close_door(server: Any) -> None:
    """Take in who stands before it, then close it."""
    listeners = [one for one in server._map.values() if isinstance(one, BaseWSGIServer)]
    while select.select([one.socket for one in listeners], [], [], 0)[0]:
        _turn(server)
    for listener in listeners:
        wasyncore.dispatcher.close(listener)


def _channels(server: Any) -> list[Any]:
    return [one for one in server._map.values() if isinstance(one, HTTPChannel)]
