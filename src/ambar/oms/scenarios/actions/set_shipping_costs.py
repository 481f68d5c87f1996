"""Write the shipping cost table that SELECT_BY_COST reads; what stands afterwards is kept as a version."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.scenarios import store
from ambar.oms.scenarios.actions.save_scenario import BY_ITSELF, Edit, overtaken
from ambar.oms.scenarios.models import ShippingCost, ShippingCostVersion

Rows = Sequence[Mapping[str, Any]]


def set_shipping_costs(rows: Rows, *, now: datetime, edit: Edit = BY_ITSELF) -> bool:
    """`rows` (zone, parcel, per_kg) are the whole table from now on. Whether anything changed.

    Raises `Invalid` when a zone stands twice, `Conflict` when somebody else saved after `edit.expected_version`.
    """
    zones = [row["zone"] for row in rows]
    twice = sorted({zone for zone in zones if zones.count(zone) > 1})
    if twice:
        raise Invalid(fields={"costs": [f"Zone '{zone}' stands twice." for zone in twice]})
    return _write(lambda _standing: rows, act="changed", now=now, edit=edit)


def change_shipping_cost(
    row_id: int, given: Mapping[str, Any], *, now: datetime, edit: Edit = BY_ITSELF
) -> ShippingCost:
    """Change amounts of one zone. Raises `NotFound`, `Conflict`."""

    def changed(standing: Sequence[ShippingCost]) -> Rows:
        if not any(row.pk == row_id for row in standing):
            raise NotFound("Not found.")
        return [{**_row(row), **(given if row.pk == row_id else {})} for row in standing]

    _write(changed, act="changed", now=now, edit=edit)
    return ShippingCost.objects.get(pk=row_id)


def go_back_to_costs(number: int, *, now: datetime, edit: Edit = BY_ITSELF) -> bool:
    """The table that version `number` holds stands again, as a new version. Whether anything changed.

    Raises `NotFound`, `Conflict`.
    """
    body = store.cost_version(number).body
    rows = [{**row, "parcel": Decimal(row["parcel"]), "per_kg": Decimal(row["per_kg"])} for row in body]
    return _write(lambda _standing: rows, act="went_back", now=now, edit=edit)


def _write(wanted: Callable[[Sequence[ShippingCost]], Rows], *, act: str, now: datetime, edit: Edit) -> bool:
    """Write the wanted table unless it stands already; a table older than the versions becomes the first of them."""
    with transaction.atomic():
        standing, last = store.lock_costs()
        _refuse_overtaken(last, edit.expected_version)
        rows = wanted(standing)
        before, after = _body([_row(row) for row in standing]), _body(rows)
        if before == after:
            return False
        number = last.number if last else 0
        if last is None and standing:
            number = 1
            at = max(row.modified_at for row in standing)
            store.keep_cost_version(number, act="found", body=before, author="", note="", at=at)
        store.replace_costs(rows, now=now)
        store.raise_version()  # the rules read for `found` above were those before
        store.keep_cost_version(number + 1, act=act, body=after, author=edit.author, note=edit.note, at=now)
    return True


def _refuse_overtaken(last: ShippingCostVersion | None, expected: int | None) -> None:
    if expected is None or expected == (last.number if last else 0):
        return
    if last is None:
        raise Invalid(fields={"expected_version": ["No version of the shipping costs is kept yet: it is 0."]})
    raise overtaken(expected, version=last.number, author=last.author, at=last.at)


def _row(row: ShippingCost) -> dict[str, Any]:
    return {"zone": row.zone, "parcel": row.parcel, "per_kg": row.per_kg}


def _body(rows: Rows) -> list[dict[str, str]]:
    """The table as JSON, the same text for the same meaning, the narrowest zone first."""
    told = [
        {"zone": row["zone"], "parcel": f"{row['parcel']:.2f}", "per_kg": f"{row['per_kg']:.2f}"}
        for row in rows
    ]
    return sorted(told, key=lambda row: ShippingCost.ZONES.index(row["zone"]))
