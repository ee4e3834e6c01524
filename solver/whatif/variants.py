"""Variants of a question: a name and what is otherwise; every fault of all of them is said at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solver.problem import Fault, MalformedProblem, Problem, Tables
from solver.whatif.changes import Change
from solver.whatif.codes import Codes

FILE = "variants.json"
BASE = "base"
"""The name of the question as it stands; no variant may have it."""
_NAME_MAX = 80


class MalformedVariants(ValueError):
    """The variants cannot be asked; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Variant:
    """What is otherwise, under a name that can be a folder's."""

    name: str
    changes: tuple[Change, ...]


def changed(problem: Problem, variants: Sequence[Variant]) -> list[Problem]:
    """The problem as each variant has it. Raises MalformedVariants with every fault of all variants."""
    codes, faults = Codes(problem), list(name_faults([variant.name for variant in variants]))
    tables = Tables(**vars(problem))
    made = [_changed(tables, codes, variant, f"variants[{place}]", faults) for place, variant in enumerate(variants)]
    if faults:
        raise MalformedVariants(faults)
    return _asked_of(made)


def _asked_of(made: Sequence[Tables]) -> list[Problem]:
    """The problems; what no change by itself but all of them together make impossible is refused too."""
    problems, faults = [], []
    for place, tables in enumerate(made):
        try:
            problems.append(Problem(**vars(tables)))
        except MalformedProblem as malformed:
            faults += [fault(f"variants[{place}]", f"改动后 {one.zh}", one.en) for one in malformed.faults]
    if faults:
        raise MalformedVariants(faults)
    return problems


def _changed(tables: Tables, codes: Codes, variant: Variant, path: str, faults: list[Fault]) -> Tables:
    """The tables with the changes made that can be made, one after the other."""
    for place, change in enumerate(variant.changes):
        wrongs = list(change.wrongs(tables, codes))
        faults += [fault(f"{path}.changes[{place}].{wrong.field}".rstrip("."), wrong.zh, wrong.en) for wrong in wrongs]
        if not wrongs:
            tables = change.apply(tables, codes)
    return tables


def name_faults(names: Sequence[str]) -> Iterator[Fault]:
    """Names that cannot be a folder's, or stand twice."""
    for place, name in enumerate(names):
        path = f"variants[{place}].name"
        if not name.strip() or len(name) > _NAME_MAX or not name.isprintable() or name[0] == "." or "/" in name:
            zh = f"{name!r} 不能作文件夹名:不得为空,不得以点开头,不得含 /,至多 {_NAME_MAX} 个字"
            en = f"{name!r} cannot name a folder: not blank, no dot first, no /, at most {_NAME_MAX} characters"
            yield fault(path, zh, en)
        elif name == BASE or name in names[:place]:
            yield fault(path, f"{name!r} 重复", f"{name!r} stands twice; {BASE!r} is the question as it stands")


def fault(path: str, zh: str, en: str) -> Fault:
    """A fault at a path of the file of variants."""
    return Fault(FILE, path, -1, zh, en)
