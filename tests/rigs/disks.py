"""A disk that forgets: after a cut a folder holds what was synced, and of what was not, whatever chance spares."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from random import Random

from tests.rigs.children import wait_until

SOURCE = Path(__file__).with_name("power.c")
SECTOR_BYTES = 512
"""What a disk writes whole or not at all."""


def find_compiler() -> str | None:
    """A C compiler of this machine."""
    return shutil.which("cc") or shutil.which("gcc")


class Disk:
    """One folder of a database, and the copies that stand for what is really on the disk.

    Names are kept at once; contents only by fsync or fdatasync of the file they are in.
    """

    def __init__(self, folder: Path, compiler: str) -> None:
        self.folder = folder
        self.lost = 0
        """Sectors, in all cuts together."""
        self.kept = folder.with_name(f"{folder.name}.kept")
        self._library = folder.with_name("power.so")
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(self._library), str(SOURCE), "-ldl"], check=True)

    @property
    def environment(self) -> dict[str, str]:
        """What a program is to be started with that writes there."""
        return {
            "LD_PRELOAD": str(self._library),
            "POWER_FOLDER": str(self.folder),
            "POWER_KEPT": str(self.kept),
        }

    def settle(self) -> None:
        """All that is there now is on the disk; nobody may be writing."""
        shutil.rmtree(self.kept, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.folder), str(self.kept)], check=True)

    def strike(self) -> None:
        """Wait until somebody was to sync what it had written, and died instead."""
        order, draft = (self.kept.with_name(f"{self.kept.name}.{name}") for name in ("die", "draft"))
        draft.touch()
        shutil.chown(draft, self.folder.owner(), self.folder.group())
        draft.rename(order)  # whoever finds it may take it away at once
        wait_until(lambda: not order.exists(), "a sync", 60)

    def cut(self, chance: Random, *, sparing: bool) -> None:
        """The power is gone, and so is what was not synced but for what chance spares.

        `sparing`: of what was not synced some may have reached the disk unasked. All writers must be gone.
        """
        names = {path.relative_to(root) for root in (self.folder, self.kept) for path in root.rglob("*")}
        self.lost += sum(self._forget(name, chance, sparing=sparing) for name in sorted(names))
        self.settle()

    def _forget(self, name: Path, chance: Random, *, sparing: bool) -> int:
        """Make a file what is left of it."""
        path, kept_path = self.folder / name, self.kept / name
        if path.is_dir() or kept_path.is_dir() or not path.exists():
            return 0
        written = path.read_bytes()
        kept = kept_path.read_bytes() if kept_path.exists() else b""
        if written == kept:
            return 0
        spared = chance.choice([0.0, chance.random(), 1.0]) if sparing else 0.0
        left = bytearray(kept)
        lost = 0
        for start in range(0, max(len(written), len(kept)), SECTOR_BYTES):
            sector = written[start : start + SECTOR_BYTES]
            if sector == kept[start : start + SECTOR_BYTES]:
                continue
            if chance.random() >= spared:
                lost += 1
            elif sector:
                left.extend(bytes(max(0, start + len(sector) - len(left))))  # a gap reads as zeros
                left[start : start + len(sector)] = sector
            else:  # the file was made shorter, and that reached the disk
                del left[start:]
                break
        path.write_bytes(left)
        return lost
