"""Prints at the end of a run which random instances were used and what was in them."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "random instances":
                terminalreporter.section("random instances held to the model done by hand")
                terminalreporter.write_line(str(text))
