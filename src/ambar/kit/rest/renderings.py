"""A page of a list in other clothes than JSON: XML and HTML.

XML is laid out as the documented services write it: `<root>` with the keys of the JSON answer, lists as `<list-item>`.
HTML is a table of the columns that the list has as a file, for a browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from xml.sax import saxutils

from .answers import Raw, plain
from .exports import Columns, at

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLE = "body{font-family:sans-serif}table{border-collapse:collapse}th,td{border:1px solid #999;padding:.2em .5em;text-align:left}"


def as_xml(answer: Mapping[str, Any]) -> Raw:
    """The whole answer as XML. A key that is no XML name becomes `<entry name="...">`; null is an empty element."""
    written: list[str] = []
    _element("root", None, answer, written)
    text = '<?xml version="1.0" encoding="utf-8"?>\n' + "".join(written)
    return Raw(200, text.encode(), content_type="application/xml; charset=utf-8")


def _element(tag: str, name: str | None, value: Any, written: list[str]) -> None:
    named = "" if name is None else f" name={saxutils.quoteattr(_clean(name))}"
    if value is None:
        written.append(f"<{tag}{named}/>")
        return
    written.append(f"<{tag}{named}>")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            fits = _NAME.match(str(key)) is not None
            _element(str(key) if fits else "entry", None if fits else str(key), inner, written)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            _element("list-item", None, inner, written)
    else:
        written.append(saxutils.escape(_clean(_text(value))))
    written.append(f"</{tag}>")


def as_html(answer: Mapping[str, Any], columns: Columns, *, name: str) -> Raw:
    """The page as a table, with links to the pages beside it."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    rows = "".join(f"<tr>{_cells(row, columns)}</tr>" for row in answer["results"])
    ways = " ".join(
        f'<a href="{escape(address)}">{word}</a>'
        for word, address in (("Previous", answer["previous"]), ("Next", answer["next"]))
        if address
    )
    counted = "" if answer["count"] is None else f"{answer['count']} in all. "
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(name)}</title><style>{_STYLE}</style>'
        f"</head><body><h1>{escape(name)}</h1><p>{counted}{ways}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></body></html>"
    )
    return Raw(200, text.encode(), content_type="text/html; charset=utf-8")


def _cells(row: Any, columns: Columns) -> str:
    values = (place(row) if callable(place) else at(row, place) for place in columns.values())
    return "".join(f"<td>{'' if value is None else escape(_text(value))}</td>" for value in values)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        value
        if isinstance(value, str)
        else str(plain(value) if not isinstance(value, int | float) else value)
    )


def _clean(text: str) -> str:
    """Without the control characters that XML can't write, not even escaped."""
    return _NOT_IN_XML.sub("\ufffd", text)
