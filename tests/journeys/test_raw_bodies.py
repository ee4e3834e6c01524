"""What real servers make of bodies that are too long, broken, or never end: refused as the sender's fault, whole."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.calling import Callers
from tests.serving import Server, served

CSV = b"item,quantity,lot\n" + b"mask,1,L\n" * 10
BEYOND = b"item,quantity,lot\n" + b"mask,1,L" + b" " * 4_194_304 + b"\nmask,7,BEYOND\n"
HALF_SENT, THREADS_ALL = b"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", 16


@pytest.fixture(params=["gunicorn", "waitress"])
def server(request: pytest.FixtureRequest, api: Callers, database_url: str) -> Iterator[Server]:
    with served(request.param, database_url) as server:
        yield server


def chunked(body: bytes) -> bytes:
    """A body in one chunk."""
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def answer_to(server: Server, api: Callers, headers: str, body: bytes) -> int:
    """The status of what a keeper's post is answered with."""
    head = (
        f"POST /api/v1/receipts?depot=A1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.caller('keeper').token}\r\n"
        f"Idempotency-Key: raw-bodies-{len(body)}\r\nContent-Type: text/csv\r\nConnection: close\r\n{headers}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        with suppress(ConnectionError):  # refused before all was read: the answer is there
            line.sendall(head.encode() + body)
        return int(line.recv(100).split()[1])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_body_in_chunks_is_taken_whole_or_not_at_all_and_a_broken_one_is_the_senders_fault(
    server: Server, api: Callers
) -> None:
    assert answer_to(server, api, "Transfer-Encoding: chunked", chunked(CSV)) == 201
    assert answer_to(server, api, "Transfer-Encoding: chunked", chunked(BEYOND)) == 413
    shelves = api.caller("keeper").get("/depots/A1/shelves").json["items"]
    assert [found["on_hand"] for found in shelves if found["lot"] == "L"] == [10]
    assert not [found for found in shelves if found["lot"] == "BEYOND"]

    for broken in (b"ZZ\r\nmask\r\n0\r\n\r\n", b"-1\r\nmask\r\n0\r\n\r\n", b"4\r\nmaskmask\r\n0\r\n\r\n"):
        assert answer_to(server, api, "Transfer-Encoding: chunked", broken) == 400, broken
    for coding in ("xchunked", "chunked;q=1", "trailers"):
        assert answer_to(server, api, f"Transfer-Encoding: {coding}", chunked(CSV)) == 400, coding
    for length in ("9" * 5_000, "-1", f"{len(CSV)}\r\nTransfer-Encoding: chunked"):
        assert answer_to(server, api, f"Content-Length: {length}", chunked(CSV)) == 400, length


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_falls_silent_in_mid_sentence_does_not_stop_the_others(server: Server, api: Callers) -> None:
    with ExitStack() as kept:
        for _ in range(THREADS_ALL + 4):
            line = kept.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            line.sendall(HALF_SENT)
        assert server.get("/health/ready")[0] == 200
