"""Whether a newer version of an order brings nothing but what this OMS told itself.

Each status that is told makes a new version of the order upstream, which comes back here. Its content is that of the version
taken before, and its statuses say what the items have come to here already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambar.kit import clock
from ambar.oms.upstream.domain import statuses

FIRST_TOLD, LAST_TOLD = 450, 550
"""Statuses that say how far the goods have come; what withdraws an item is always looked at whole."""
_ASIDE = frozenset({"status", "modified_date", "handover", "orderitem_set"})
_ITEM_ASIDE = frozenset(
    {
        "status",
        "modified_date",
        "delivered_date",
        "shipping_company",
        "tracking_number",
        "invoice_number",
        "invoice_date",
        "e_archive_url",
    }
)
"""Told by an OMS, or stamped upstream when it was told. `handover` only seals the rest of the record."""
LONGEST = {"tracking_number": 256, "invoice_number": 128}
"""What of it is kept with an item."""


def may_be(record: Any) -> bool:
    """Whether it is worth looking up what is known of the order: its goods are under way."""
    return isinstance(record, dict) and _is_under_way(statuses.code(record.get("status")))


def is_echo(
    record: Mapping[str, Any], before: Mapping[str, Any], *, state: int, items: Mapping[int, int]
) -> bool:
    """Whether `record` says nothing new.

    :param before: the record of the version last taken as a whole; its echoes since differ only in what is told. :param state: the order's status here.
    :param items: the status here of each item, by upstream id.
    """
    lines, lines_before = record.get("orderitem_set"), before.get("orderitem_set")
    if not isinstance(lines, list) or not isinstance(lines_before, list) or len(lines) != len(lines_before):
        return False
    return (
        _without(record, _ASIDE) == _without(before, _ASIDE)
        and _is_known(record.get("status"), state)
        and all(_is_same_line(line, old, items) for line, old in zip(lines, lines_before, strict=True))
    )


def told(record: Mapping[str, Any]) -> dict[str, Any]:
    """What an echo may bring: all in which it may differ from the version whose echo it is."""
    return {
        "order": _only(record, _ASIDE - {"orderitem_set"}),
        "items": [_only(line, _ITEM_ASIDE) for line in record["orderitem_set"]],
    }


def as_offered(before: Mapping[str, Any], echo: Mapping[str, Any] | None) -> dict[str, Any]:
    """The record of the newest version: that of the last one taken as a whole, with what its last echo (`told`) brought.

    An echo older than the version is none of it.
    """
    if not echo or not _is_later(echo["order"].get("modified_date"), before.get("modified_date")):
        return dict(before)
    lines = [
        {**_without(line, _ITEM_ASIDE), **brought}
        for line, brought in zip(before["orderitem_set"], echo["items"], strict=True)
    ]
    return {**_without(before, _ASIDE), **echo["order"], "orderitem_set": lines}


def _is_later(moment: object, than: object) -> bool:
    try:
        return clock.parse(str(moment)) > clock.parse(str(than))
    except ValueError:
        return False


def _is_same_line(line: Any, before: Any, items: Mapping[int, int]) -> bool:
    if not isinstance(line, dict) or not isinstance(before, dict):
        return False
    pk = line.get("pk", line.get("id"))
    state = items.get(pk) if isinstance(pk, int) else None
    return (
        state is not None
        and _is_known(line.get("status"), state)
        and all(_is_usable(line.get(name), longest) for name, longest in LONGEST.items())
        and _without(line, _ITEM_ASIDE) == _without(before, _ITEM_ASIDE)
    )


def _is_known(told: object, state: int) -> bool:
    """The goods have come at least so far here."""
    code = statuses.code(told)
    return code is not None and _is_under_way(code) and _is_under_way(state) and code <= state


def _is_under_way(code: int | None) -> bool:
    return code is not None and FIRST_TOLD <= code <= LAST_TOLD


def _is_usable(value: object, longest: int) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= longest and "\x00" not in value)


def _only(record: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in names}


def _without(record: Mapping[str, Any], aside: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in aside}
