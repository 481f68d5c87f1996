"""Columns of a list and how one cell is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ambar.kit.ui import icons, looks, moments

FITS = 38
"""Characters of an address that a list has room for."""
DASH = SafeString('<span class="quiet">–</span>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: `key` of the row's mapping, heading, kind of cell and (when sortable) the sort key."""

    key: str
    label: Any
    kind: str = "text"
    sort: str | None = None

    @property
    def css(self) -> str:
        """Class of heading and cells."""
        return {"number": "number", "money": "number", "clip": "clip", "url": "clip"}.get(self.kind, "")


def copyable(value: object) -> SafeString:
    """A monospaced number with a button that copies it."""
    return format_html(
        '<span class="copyable"><span class="code">{}</span>{}</span>', value, _copy_button(value)
    )


def _copy_button(value: object) -> SafeString:
    return format_html(
        '<button type="button" class="copy" data-copy="{}" aria-label="{}">{}</button>',
        value,
        _("Copy %(value)s") % {"value": value},
        icons.draw("copy"),
    )


def number(value: Decimal | int | float | str) -> str:
    """A figure in the reader's language, without needless zeros after the point."""
    figure = Decimal(str(value)).normalize()
    places = max(0, -int(figure.as_tuple().exponent))
    return formats.number_format(figure, decimal_pos=places, use_l10n=True, force_grouping=True)


def money(value: Any) -> str:
    """An amount with two decimals and its currency: `(amount, currency)` or a bare amount."""
    amount, currency = value if isinstance(value, tuple) else (value, "")
    if amount is None or amount == "":
        return "–"
    drawn = formats.number_format(Decimal(str(amount)), decimal_pos=2, use_l10n=True, force_grouping=True)
    return f"{drawn} {str(currency or '').upper()}".strip()


def _code(value: Any) -> SafeString:
    return copyable(value)


def _state(value: Any) -> SafeString:
    return looks.draw(value) if isinstance(value, looks.Look) else format_html("{}", value)


def _time(value: Any) -> SafeString:
    return moments.draw(value) if isinstance(value, datetime) else DASH


def _thumb(value: Any) -> SafeString:
    return format_html('<img class="thumb" src="{}" alt="" loading="lazy">', value)


def _flag(value: Any) -> SafeString:
    look = (
        looks.Look(tone="good", shape="check", word=_("Yes"))
        if value
        else looks.Look(tone="neutral", shape="cross", word=_("No"))
    )
    return looks.draw(look)


def _clip(value: Any) -> SafeString:
    return format_html('<span title="{}">{}</span>', value, value)


def _url(value: Any) -> SafeString:
    """Host and as much of the path's end as fits, which tells addresses of one system apart; the whole of it on hover."""
    parts = urlsplit(str(value))
    steps = [step for step in parts.path.split("/") if step]
    end = "/" if parts.path.endswith("/") else ""
    shown = f"{parts.netloc}{parts.path}"
    for kept in range(len(steps) - 1, 0, -1):
        if len(shown) <= FITS:
            break
        shown = f"{parts.netloc}/…/{'/'.join(steps[-kept:])}{end}"
    return format_html('<span title="{}">{}</span>', value, shown)


_DRAW: Mapping[str, Callable[[Any], SafeString]] = {
    "code": _code,
    "state": _state,
    "time": _time,
    "thumb": _thumb,
    "flag": _flag,
    "clip": _clip,
    "url": _url,
    "number": lambda value: format_html("{}", number(value)),
    "money": lambda value: format_html("{}", money(value)),
}


def draw(column: Column, row: Mapping[str, Any], *, first: bool = False) -> SafeString:
    """One cell's content; the first cell of a row with `href` is its link."""
    value = row.get(column.key)
    if column.kind == "flag":
        return _flag(value)
    if value is None or value == "":
        return DASH
    if first and row.get("href"):
        link = format_html('<a class="row {}" href="{}">{}</a>', _mono(column), row["href"], value)
        if column.kind != "code":
            return link
        return format_html('<span class="copyable">{}{}</span>', link, _copy_button(value))
    draw_value = _DRAW.get(column.kind)
    return draw_value(value) if draw_value else format_html("{}", value)


def _mono(column: Column) -> str:
    return "code" if column.kind == "code" else ""
