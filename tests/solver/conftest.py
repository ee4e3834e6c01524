"""Prints at the end of a run which random instances were used, what was in them, and what was tried on them."""

from collections import Counter, defaultdict

import pytest

TITLES = {"random instances": "random instances held to the model done by hand"}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts = defaultdict[str, Counter[str]](Counter)
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name in TITLES:
                terminalreporter.section(TITLES[name])
                terminalreporter.write_line(str(value))
            if isinstance(value, dict):
                counts[name] += Counter(value)
    for name, count in counts.items():
        terminalreporter.section(name)
        for what, number in count.most_common():
            terminalreporter.write_line(f"  {number:6} {what}")
