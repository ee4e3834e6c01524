"""How pages say things: names of states and roles, amounts in packs and units, shares, days and moments."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from babel.numbers import format_compact_decimal
from flask import Flask
from flask_babel import format_decimal, get_locale, gettext, ngettext
from markupsafe import Markup

from supplyhub.domain.catalogue import Item, split_packs
from supplyhub.domain.oversight import LedgerFault
from supplyhub.schemas.glossary import LABELS
from supplyhub.schemas.problems import say_filled
from supplyhub.web.sections import section

CHINA = timezone(timedelta(hours=8))
"""One clock for the whole country, without summer time."""


def language() -> str:
    """`zh_Hans` or `en`."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh_Hans"


def label(kind: str, value: str) -> str:
    """What a code of some kind is called; a code without a name stands for itself."""
    message = LABELS[kind].get(str(value))
    return gettext(message) if message else str(value)


def number(units: int) -> str:
    """A whole number with the reader's separators."""
    return str(format_decimal(units))


def rough(units: int) -> str:
    """A large number in a few characters, for pictures: 14.9M, 1487.5万; the numbers themselves stand beside them."""
    return number(units) if units < 10_000 else format_compact_decimal(units, locale=get_locale(), fraction_digits=1)


def counted(units: int, item: Item) -> str:
    """Units with their unit."""
    return f"{number(units)} {item.unit(language())}"


def packs(units: int, item: Item) -> str:
    """Units as whole packs and what is left over: "24 packs + 5"."""
    whole, loose = split_packs(units, item.pack_size)
    said = ngettext("%(count)s pack", "%(count)s packs", whole, count=number(whole))
    return f"{said} + {number(loose)}" if loose else said


def amount(units: int, item: Item) -> Markup:
    """Units with their unit, and beside them the same in packs where a pack holds more than one."""
    said = Markup('<span class="units">{}</span>').format(counted(units, item))
    if item.pack_size == 1:
        return said
    return said + Markup(' <small class="packs">{}</small>').format(packs(units, item))


def percent(granted: int, requested: int) -> str:
    """A share to a tenth of a percent, cut off and never rounded up: 100 % means all of it."""
    thousandths = 1000 if requested == 0 else granted * 1000 // requested
    return f"{thousandths // 10}.{thousandths % 10} %" if thousandths % 10 else f"{thousandths // 10} %"


def day(value: date | None) -> str:
    """A day as YYYY-MM-DD."""
    return "–" if value is None else value.isoformat()


def moment(value: datetime | None) -> str:
    """A moment by China's clock, to the minute."""
    return "–" if value is None else value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def told(fault: LedgerFault) -> str:
    """One place where the ledger contradicts itself."""
    return fault.tell(gettext)


def register(app: Flask) -> None:
    """Give every template these words."""
    app.jinja_env.filters.update(
        spoken=gettext, number=number, rough=rough, counted=counted, packs=packs, amount=amount, percent=percent,
        day=day, moment=moment, filled=say_filled, told=told,
    )  # fmt: skip
    app.jinja_env.globals.update(label=label, language=language, section=section)
