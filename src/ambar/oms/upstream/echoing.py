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
    """Follow the orders of which `records` bring a newer version with nothing new; their verdicts by position.

    The very version that is held (`own_versions`: it was read while its making was answered) says nothing new either.
    """
    asked = {
        position: pk
        for position, record in enumerate(records)
        if echoes.may_be(record) and (pk := _key(record)) and _is_ours(record, configured)
    }
    if not asked:
        return {}
    with transaction.atomic():
        known = echo_store.standing(source, list(asked.values()))
        found: dict[int, tuple[int, echo_store.Standing, datetime]] = {}
        echoed: dict[int, echo_store.Echo] = {}
        for position, pk in asked.items():
            version = _version(records[position]) if pk in known else None
            if version is None or (pk in found and version <= found[pk][2]):
                continue
            standing = known[pk]
            if records[position].get("number") != standing.raw.get("number"):
                continue
            if version == standing.version:
                found[pk] = (position, standing, version)
            elif (echo := _echo(records[position], standing, version)) is not None:
                found[pk], echoed[pk] = (position, standing, version), echo
        if echoed:
            echo_store.follow(list(echoed.values()), now=now)
        if found:
            settled = [
                store.Settled(pk, "taken", version, is_new=pk in echoed)
                for pk, (_, _, version) in found.items()
            ]
            store.settle(source, settled, now=now)
    return {
        position: Verdict(
            position=position,
            outcome=verdicts.UNCHANGED,
            upstream_id=pk,
            number=records[position].get("number"),
            order_id=standing.order_id,
        )
        for pk, (position, standing, _) in found.items()
    }


def _version(record: dict[str, Any]) -> datetime | None:
    try:
        version = datetime.fromisoformat(record["modified_date"])
    except (KeyError, TypeError, ValueError):
        return None
    return None if version.tzinfo is None else version


def _echo(record: dict[str, Any], known: echo_store.Standing, version: datetime) -> echo_store.Echo | None:
    if version <= known.version or not echoes.is_echo(
        record, known.raw, state=known.state, items=known.items
    ):
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
