"""How much memory a process has held."""

from __future__ import annotations

from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_kib() -> int:
    """The most memory this process has held at once, in KiB.

    Not `getrusage`: after fork and exec it begins at what the parent held.
    """
    lines = _STATUS.read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))
