"""Raw HTTP requests, sound but for a guard that keeps them from being carried out, and what can be done to them.

The guard of a command is its depot, place or number, which is foreign or nowhere, and a key too short to be one;
what is changed is anything else. So whatever is sent, nothing may change, and every answer is below 500.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeAlias

KEY, SHORT_KEY = "raw-0123456789", "raw"
DEEP = b'{"lines":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
TEN_MEGABYTES = 10 * 1024 * 1024
VALUES = (
    2**31, 2**53, 2**63, -(2**63), 2**64, 10**400, -1, 0, 1.5, 1e308, True, None, "", "\x00", "a\x00b", "\ud800",
    "\udfff\ud800", "\u202e", "😀" * 50, "x" * 70_000, "2026-02-30", "9999-12-31T23:59:60Z", "0001-01-01", "1e5",
    "'; DROP TABLE posting; --", "%00", "../../etc/passwd", [], {}, [[]], {"": None}, [None], {"a": {"b": [1]}},
)  # fmt: skip
RAW_BODIES = (
    b"", b"{", b"[]", b"null", b"NaN", b'{"lines": NaN}', b'{"lines": Infinity}', b'{"a":1,"a":2}',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}", b'"\\ud800"', b'{"lines":[{"item":"\\ud800"}]}', b'{"depot":"\x00"}', b"\x00" * 64, b"\x80\x81",
    b'{"depot":' + b"9" * 5_000 + b"}", b"a=b&c=d", b"item,quantity\nmask,1\n", DEEP,
)  # fmt: skip
TYPES = (
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
    "application/json; charset=utf-16", "application/json; charset=nonsense", "application/xml", "text/csv", "*/*",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "APPLICATION/JSON", "application/problem+json",
    "application/json\x0bx", "x" * 5_000,
)  # fmt: skip
METHODS = (
    "get", "FOO", "TRACE", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "POST", "GET", "M" * 3_000, "G\x00T",
)  # fmt: skip
JUNK = (
    "limit=0", "limit=-1", "limit=99999999999999999999", "limit=1e3", "limit=", "cursor=", "cursor=%00", "cursor=YWZ0",
    "cursor=YWZ0ZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk", "lang=%ff", "lang=en", "item=%00", "item=%ed%a0%80",
    "division=" + "9" * 4_000,
    "%", "&&&=", "a=1&a=2&a=3", "status=%F0%9F%98%80", "level=county&level=city", "plan=9223372036854775808",
    "search=%25%5C_", "search=" + "%E7%94%B2" * 500, "mine=2", "unfilled=None", "from_depot=%2e%2e%2f", "+", "%zz=%zz",
)  # fmt: skip
HEADERS = (
    ("If-Match", '"v1", "v2"'), ("If-Match", "v1"), ("If-Match", '"v' + "9" * 50 + '"'),
    ("If-None-Match", '"' + "x" * 6_000), ("Accept-Language", "zh;q=x, *;q=1e9"), ("Accept-Language", "x" * 9_000),
    ("Accept", "nonsense"), ("Cookie", "session=" + "A" * 3_000), ("Cookie", "lang=\x80;;=;session=.eJ"),
    ("Range", "bytes=0-1,5-"), ("Host", "evil.example:99999"), ("Host", ""), ("X-Forwarded-For", "1.1.1.1" * 100),
    ("X-HTTP-Method-Override", "DELETE"), ("Expect", "nonsense"), ("Content-Encoding", "br"),
    ("Content-Encoding", "gzip"), ("If-None-Match", "W/\"v1\", *"),
    ("Idempotency-Key", "\x80\xff\xfe"), ("Idempotency-Key", "k" * 5_000), ("Authorization", "Basic Og=="),
    ("Authorization", "Bearer \xff"), ("Authorization", "Bearer"), ("X-Request-Id", "a\tb" * 200), ("X" * 4_000, "y"),
    ("Content-Length", "5"), ("Content-Length", "-1"), ("Content-Length", "1e3"), ("Transfer-Encoding", "chunked"),
    ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "x"), ("Date", "never"),
)  # fmt: skip


Who: TypeAlias = tuple[str, str]
"""Somebody's token for the API and session for the pages; nobody's are empty."""


@dataclass(frozen=True)
class Raw:
    """A request before it is bytes."""

    method: str
    path: str
    who: Who = ("", "")
    body: Any = None
    """What is sent as JSON; bytes are sent as they are."""
    guard: tuple[str, ...] = ()
    """Names in the body that nothing may be put in the place of: what keeps it from being carried out."""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())
    key: str = KEY
    content_type: str = "application/json"
    length: int | None = None
    """What Content-Length says where it lies."""

    @property
    def payload(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()

    @property
    def wire(self) -> bytes:
        """The bytes of the request."""
        target = self.path + (f"?{self.query}" if self.query else "")
        lines = [f"{self.method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
        token, cookie = self.who
        if self.path.startswith("/api/"):
            lines += [f"Authorization: Bearer {token}"] if token else []
        else:
            lines += [f"Cookie: session={cookie}"] if cookie else []
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.method not in ("GET", "HEAD") or self.body is not None:
            lines += [f"Idempotency-Key: {self.key}", 'If-Match: "v1"', f"Content-Type: {self.content_type}"]
            lines += [f"Content-Length: {len(self.payload) if self.length is None else self.length}"]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.payload


Mutation = Callable[[Random, Raw], Raw | bytes]
"""A change of a request; where the bytes themselves are changed, bytes."""


def put_value(random: Random, raw: Raw) -> Raw:
    """Another value in the place of one in the body."""
    if not isinstance(raw.body, dict):
        return replace(raw, query=random.choice(JUNK))
    body = json.loads(json.dumps(raw.body))
    inside, names = body, [name for name in body if name not in raw.guard]
    while names:
        name = random.choice(names)
        inner = inside[name]
        if isinstance(inner, (dict, list)) and inner and random.random() < 0.8:
            inside, names = inner, [*(inner if isinstance(inner, dict) else range(len(inner)))]
        else:
            inside[name] = random.choice(VALUES)
            break
    body.update({name: raw.body[name] for name in raw.guard})
    return replace(raw, body=body)


def put_body(random: Random, raw: Raw) -> Raw:
    """Another body altogether."""
    return replace(raw, body=random.choice(RAW_BODIES), key=SHORT_KEY)


def cut_body(random: Random, raw: Raw) -> Raw:
    """A body that ends early, with its length told truly."""
    return replace(raw, body=raw.payload[: random.randint(0, len(raw.payload))], key=SHORT_KEY)


def flip_body(random: Random, raw: Raw) -> Raw:
    """A few bytes of the body changed."""
    return replace(raw, body=flipped(random, raw.payload), key=SHORT_KEY)


def zip_body(random: Random, raw: Raw) -> Raw:
    """A body compressed, well or badly, which nobody asked for."""
    zipped = gzip.compress(raw.payload)
    packed = random.choice([zipped, flipped(random, zipped), zipped[:-4], raw.payload, gzip.compress(b"0" * 10**6)])
    return replace(raw, body=packed, headers=(*raw.headers, ("Content-Encoding", "gzip")), key=SHORT_KEY)


def bloat_body(random: Random, raw: Raw) -> Raw:
    """Ten megabytes."""
    filler = random.choice([b" ", b"[", b'"', b"9", b"\x00"])
    return replace(raw, body=b'{"note":' + filler * TEN_MEGABYTES, key=SHORT_KEY)


def put_type(random: Random, raw: Raw) -> Raw:
    """Another content type."""
    return replace(raw, content_type=random.choice(TYPES))


def put_method(random: Random, raw: Raw) -> Raw:
    """Another method, most of them unheard of."""
    return replace(raw, method=random.choice(METHODS), key=SHORT_KEY)


def put_query(random: Random, raw: Raw) -> Raw:
    """Junk after the question mark."""
    return replace(raw, query="&".join(random.choices(JUNK, k=random.randint(1, 4))))


def put_header(random: Random, raw: Raw) -> Raw:
    """A header that is odd, or stands twice, or is one of a thousand."""
    extra = [(f"X-{number}", "y") for number in range(1_000)] if random.random() < 0.02 else []
    return replace(raw, headers=(*raw.headers, *random.choices(HEADERS, k=random.randint(1, 3)), *extra))


def put_path(random: Random, raw: Raw) -> Raw:
    """Junk in the address."""
    parts = raw.path.split("/")
    place = random.randrange(1, len(parts))
    junk = (
        "",
        "0",
        "-1",
        "9" * 30,
        "%00",
        "%2e%2e",
        "..",
        "%ff%fe",
        "甲",
        "%ED%A0%80",
        "1e5",
        "a" * 3_000,
        "*",
        ";",
        "%",
    )
    parts[place] = random.choice(junk)
    return replace(raw, path="/".join(parts), key=SHORT_KEY)


def lie_length(random: Random, raw: Raw) -> Raw:
    """A length that is not the body's."""
    return replace(raw, length=random.choice([0, 1, len(raw.payload) + 7, 2**63, 10**30]), key=SHORT_KEY)


def chunk(random: Random, raw: Raw) -> bytes:
    """A body in chunks that say wrong sizes, or never end."""
    head, _, body = raw_without_length(raw).partition(b"\r\n\r\n")
    size = random.choice([b"%x" % len(body), b"ffffffffffffffff", b"-1", b"zz", b"", b"0"])
    end = random.choice([b"\r\n0\r\n\r\n", b"", b"\r\n0\r\nX: y\r\n\r\n"])
    return head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + body + end


def raw_without_length(raw: Raw) -> bytes:
    """The wire with no Content-Length, under a key that is none."""
    lines = replace(raw, key=SHORT_KEY).wire.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(b"Content-Length"))


def flip_wire(random: Random, raw: Raw) -> bytes:
    """A few bytes of the whole request changed."""
    return flipped(random, replace(raw, key=SHORT_KEY).wire)


def cut_wire(random: Random, raw: Raw) -> bytes:
    """A request that ends early."""
    wire = replace(raw, key=SHORT_KEY).wire
    return wire[: random.randint(0, len(wire))]


def flipped(random: Random, data: bytes) -> bytes:
    """The same bytes but for a few."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


MUTATIONS: Sequence[tuple[Mutation, int]] = (
    (put_value, 60), (put_body, 20), (cut_body, 15), (flip_body, 25), (zip_body, 10), (bloat_body, 1), (put_type, 10),
    (put_method, 10), (put_query, 30), (put_header, 30), (put_path, 30), (lie_length, 2), (chunk, 6), (flip_wire, 30),
    (cut_wire, 4),
)  # fmt: skip
"""Each with how often it comes; ten megabytes and requests that never end take long."""


def mutate(random: Random, bases: Sequence[Raw], who: Who) -> tuple[str, bytes]:
    """The name of a change, and the bytes of a request of somebody so changed; some requests are changed twice."""
    raw: Raw | bytes = replace(random.choice(bases), who=who)
    names = []
    changes, often = zip(*MUTATIONS, strict=True)
    for change in random.choices(changes, often, k=random.choice((1, 1, 2))):
        if isinstance(raw, Raw):
            names.append(change.__name__)
            raw = change(random, raw)
    return "+".join(names), raw.wire if isinstance(raw, Raw) else raw
