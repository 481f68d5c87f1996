"""Recognising the echo of what was told upstream, before an order is read and written as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.oms.orders import echo_store
from ambar.oms.upstream import store
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain import echoes, verdicts
from ambar.oms.upstream.domain.verdicts import Verdict


def follow(
    records: Sequence[Any], *, source: str, configured: Configured, now: datetime
) -> dict[int, Verdict]:
    """Follow the orders of which `records` bring a newer version with nothing new; their verdicts by position."""
    asked = {
        position: pk
        for position, record in enumerate(records)
        if echoes.may_be(record) and (pk := _key(record)) and _is_ours(record, configured)
    }
    if not asked:
        return {}
    with transaction.atomic():
        known = echo_store.standing(source, list(asked.values()))
        found: dict[int, tuple[int, echo_store.Echo]] = {}
        for position, pk in asked.items():
            echo = _echo(records[position], known[pk]) if pk in known else None
            if echo is not None and (pk not in found or found[pk][1].version < echo.version):
                found[pk] = (position, echo)
        if found:
            echo_store.follow([echo for _, echo in found.values()], now=now)
            store.settle(source, [(pk, "taken", echo.version) for pk, (_, echo) in found.items()], now=now)
    return {
        position: Verdict(
            position=position,
            outcome=verdicts.UNCHANGED,
            upstream_id=pk,
            number=records[position]["number"],
            order_id=echo.standing.order_id,
        )
        for pk, (position, echo) in found.items()
    }


def _echo(record: dict[str, Any], known: echo_store.Standing) -> echo_store.Echo | None:
    try:
        version = datetime.fromisoformat(record["modified_date"])
    except (KeyError, TypeError, ValueError):
        return None
    if version.tzinfo is None or version <= known.version:
        return None
    if not echoes.is_echo(record, known.raw, state=known.state, items=known.items):
        return None
    numbers = [
        (line.get("pk", line.get("id")), line.get("tracking_number"), line.get("invoice_number"))
        for line in record["orderitem_set"]
    ]
    return echo_store.Echo(standing=known, version=version, told=echoes.told(record), numbers=numbers)


def _key(record: dict[str, Any]) -> int | None:
    pk = record.get("pk", record.get("id"))
    return pk if isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63 else None


def _is_ours(record: dict[str, Any], configured: Configured) -> bool:
    given = record.get("supplier_code")
    return not (configured.supplier_code and given) or given == configured.supplier_code
