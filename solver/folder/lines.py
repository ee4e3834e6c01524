"""Lines of a CSV file, counted only when something is wrong with it."""

from __future__ import annotations

import csv
import io
import re

from solver.problem import Fault

_LONE_RETURN = re.compile(rb"\r(?!\n)")


def stray_return(raw: bytes) -> int:
    """The line on which a carriage return stands alone outside quotes, 0 where none does."""
    if raw.count(b"\r") == raw.count(b"\r\n"):
        return 0
    before = 0
    for place, part in enumerate(raw.split(b'"')):  # every other part stands in quotes
        found = None if place % 2 else _LONE_RETURN.search(part)
        if found:
            return before + part[: found.start()].count(b"\n") + 1
        before += part.count(b"\n")
    return 0


def record_lines(raw: bytes) -> list[int]:
    """Line on which each record below the header starts; blank lines are records too, as they are in the frame."""
    whole = raw.decode("utf-8-sig", errors="replace")
    text = whole.lstrip("\r\n")
    skipped = whole.count("\n") - text.count("\n")
    reader = csv.reader(io.StringIO(text, newline=""))
    lines, start = [], 1
    for _ in reader:
        lines.append(start + skipped)
        start = reader.line_num + 1
    return lines[1:]


def diagnose(file: str, raw: bytes) -> list[Fault]:
    """Why a file cannot be read as CSV at all."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return [Fault(file, "", line, "不是 UTF-8 文本", "is not UTF-8 text")]
    if line := stray_return(raw):
        zh, en = "有单独的回车符,应以换行符结束各行", "has a carriage return alone; lines end with line feeds"
        return [Fault(file, "", line, zh, en)]
    if not text.strip():
        return [Fault(file, "", 1, "文件为空,缺少表头", "the file is empty; a header row is needed")]
    return _shape_faults(file, text) or [Fault(file, "", -1, "无法按 CSV 读取", "cannot be read as CSV")]


def _shape_faults(file: str, text: str) -> list[Fault]:
    """Lines with more fields than the header, and quotes that do not match."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    faults, width, start = [], 0, 1
    try:
        for record in reader:
            width = width or len(record)
            if len(record) > width:
                zh = f"有 {len(record)} 个字段,表头只有 {width} 个"
                faults.append(Fault(file, "", start, zh, f"has {len(record)} fields, the header {width}"))
            start = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault(file, "", start, f"引号不成对或位置不对({error})", f"quotes do not match ({error})"))
    return faults
