"""The systemd units of the deployment guide: systemd accepts them where it is installed; they call what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli import ROOMS

GUIDE = Path(__file__).parents[2] / "docs" / "deployment.md"
UNITS = dict(
    re.findall(r"`/etc/systemd/system/([\w.-]+)`:\n\n```ini\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
)


def test_there_are_services_for_web_worker_and_backup_and_a_timer() -> None:
    assert set(UNITS) == {
        "supplyhub-web.service", "supplyhub-worker.service", "supplyhub-backup.service", "supplyhub-backup.timer",
    }  # fmt: skip


def test_they_call_commands_that_there_are() -> None:
    called = re.findall(r"/opt/supplyhub/bin/(\w+) ?([\w-]*)", "".join(UNITS.values()))
    assert sorted(program for program, _ in called) == ["gunicorn", "supplyhub", "supplyhub"]
    assert {command for program, command in called if program == "supplyhub"} == {"worker", "backup"} <= set(ROOMS)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here to ask about its units")
def test_systemd_accepts_them(tmp_path: Path) -> None:
    for name, text in UNITS.items():
        here = text.replace("/opt/supplyhub/bin", str(Path(sys.executable).parent))
        (tmp_path / name).write_text(here, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
