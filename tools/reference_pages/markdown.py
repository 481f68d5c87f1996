"""Small pieces of Markdown."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Sequence
from typing import Any


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; bars and line ends inside cells are made harmless."""
    lines = [_row(headings), "|" + "---|" * len(headings), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def code(text: object) -> str:
    return f"`{text}`"


def block(value: Any) -> str:
    """A JSON value as a fenced block with sorted keys."""
    return f"```json\n{json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)}\n```\n"


def first_line(thing: object) -> str:
    """The first paragraph of a docstring on one line."""
    return whole(thing).split("\n\n")[0].replace("\n", " ")


def whole(thing: object) -> str:
    """The docstring of a thing itself, not an inherited one."""
    return inspect.cleandoc(getattr(thing, "__doc__", None) or "")
