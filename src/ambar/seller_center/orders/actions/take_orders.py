"""Take a set of shop orders in: cut them per seller and store each seller's part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from ambar.kit import work
from ambar.kit.money import money
from ambar.kit.text import turkish_fold
from ambar.seller_center.catalogue import store as catalogue
from ambar.seller_center.delivery.store import default_setting_id
from ambar.seller_center.offers import store as offers
from ambar.seller_center.offers.domain.supply import supplier
from ambar.seller_center.orders import announcing, plans_store, registry, store
from ambar.seller_center.orders.domain import addresses, cutting, events, statuses
from ambar.seller_center.orders.domain.incoming import IncomingItem, IncomingOrder
from ambar.seller_center.places import store as places
from ambar.seller_center.places.domain.records import KINDS, BadPlace, identity, place
from ambar.seller_center.sellers import queries as sellers

ADDRESSES = ("shipping_address", "billing_address")


@dataclass(slots=True)
class _Writes:
    new: list[store.OrderRow] = field(default_factory=list)
    changed: list[store.OrderRow] = field(default_factory=list)
    seen: list[tuple[int, datetime]] = field(default_factory=list)
    stamps: dict[int, str] = field(default_factory=dict)
    items: list[store.ItemRow] = field(default_factory=list)
    holds: list[tuple[int, str, list[dict[str, Any]], dict[str, Any], datetime]] = field(default_factory=list)
    released: list[tuple[int, datetime]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a set came to: parts created and updated, shop orders stale (an older version) or held."""

    created: int
    updated: int
    stale: int
    held: int


def take_orders(
    incoming: Sequence[tuple[IncomingOrder, Mapping[str, Any]]], *, now: datetime, again: bool = False
) -> Taken:
    """Store `(order, its payload)` pairs, in one transaction with a fixed number of statements.

    Of several versions of one shop order the newest counts; a version not newer than the stored one changes
    nothing, unless `again` (a hold is being taken up once more). Items stay with the seller they went to.
    Items nobody supplies are held with the reason. Source: "Integrating OMS with Seller Center".
    """
    newest: dict[int, tuple[IncomingOrder, Mapping[str, Any]]] = {}
    for order, payload in incoming:
        known = newest.get(order.upstream_id)
        if known is None or known[0].modified_at < order.modified_at:
            newest[order.upstream_id] = (order, payload)
    with transaction.atomic(savepoint=False):
        parts = _stored_parts(newest)
        fresh, stale = _fresh(newest, parts, again=again)
        orders = [order for order, _ in fresh]
        _ensure_products(orders, now)
        own = _own_places(orders)
        supply, assigned = _assign(orders)
        writes = _Writes()
        for order, payload in fresh:
            _plan_writes(order, payload, parts.get(order.upstream_id, {}), supply, assigned, own, writes)
        created = _write(writes, parts, now)
        if created:
            transaction.on_commit(partial(work.tell_here, store.NEWS))
        announcing.announce_orders(events.ORDER_CREATED, created, now=now)
        changed = [row.order_id for row in writes.changed if row.order_id is not None]
        announcing.announce_orders(events.ORDER_UPDATED, changed, now=now)
        told = plans_store.take_up_held([order.upstream_id for order in orders], now=now)
        announcing.announce_plans(events.PLAN_CREATED, told.created, now=now)
        announcing.announce_plans(events.PLAN_UPDATED, told.updated, now=now)
    return Taken(created=len(writes.new), updated=len(writes.changed), stale=stale, held=len(writes.holds))


def _stored_parts(upstream_ids: Iterable[int]) -> dict[int, dict[int, store.StoredOrder]]:
    found: dict[int, dict[int, store.StoredOrder]] = {}
    for row in store.lock_parts(upstream_ids):
        found.setdefault(row.upstream_id, {})[row.seller_id] = row
    return found


def _fresh(
    newest: Mapping[int, tuple[IncomingOrder, Mapping[str, Any]]],
    parts: Mapping[int, Mapping[int, store.StoredOrder]],
    *,
    again: bool,
) -> tuple[list[tuple[IncomingOrder, Mapping[str, Any]]], int]:
    fresh = []
    for upstream_id, pair in sorted(newest.items()):
        seen = [row.upstream_modified_at for row in parts.get(upstream_id, {}).values()]
        older = bool(seen) and (
            pair[0].modified_at < max(seen) if again else pair[0].modified_at <= max(seen)
        )
        if not older:
            fresh.append(pair)
    return fresh, len(newest) - len(fresh)


def _ensure_products(orders: Sequence[IncomingOrder], now: datetime) -> None:
    rows = []
    for item in (item for order in orders for item in order.items):
        product = item.document.get("product") or {}
        attributes = product.get("attributes")
        rows.append(
            catalogue.ProductRow(
                sku=item.sku,
                name=item.name,
                upstream_id=identity(product),
                base_code=str(product.get("base_code") or "")[:255],
                barcode=str(product.get("barcode") or "")[:255],
                attributes=attributes if isinstance(attributes, dict) else {},
            )
        )
    catalogue.ensure(rows, now=now)


def _own_places(orders: Sequence[IncomingOrder]) -> addresses.OwnIds:
    wanted: dict[str, dict[int, dict[str, Any] | None]] = {kind: {} for kind in KINDS}
    for order in orders:
        for name in ADDRESSES:
            for kind, upstream_id, row in addresses.places_of(order.document.get(name)):
                wanted[kind][upstream_id] = row or wanted[kind].get(upstream_id)
    own = places.own_ids(wanted)
    missing = []
    for kind, found in wanted.items():
        for upstream_id, row in found.items():
            if row is not None and upstream_id not in own[kind]:
                try:
                    missing.append(place(kind, row, folded=turkish_fold(str(row.get("name") or ""))))
                except BadPlace:
                    continue
    if missing:
        places.upsert(missing)
        own = places.own_ids(wanted)
    return own


def _assign(
    orders: Sequence[IncomingOrder],
) -> tuple[dict[int, tuple[int | None, str]], dict[int, store.StoredItem]]:
    items = [item for order in orders for item in order.items]
    assigned = store.items_by_upstream_id(item.upstream_id for item in items)
    codes = sellers.ids_by_code(sorted({item.supplier_code for item in items if item.supplier_code}))
    open_skus = {i.sku for i in items if i.upstream_id not in assigned and not i.supplier_code}
    candidates = offers.candidates(open_skus)
    supply: dict[int, tuple[int | None, str]] = {}
    for item in items:
        if item.upstream_id in assigned:
            supply[item.upstream_id] = (assigned[item.upstream_id].seller_id, "assigned before")
        else:
            verdict = supplier(item.supplier_code, codes, candidates.get(item.sku, ()))
            supply[item.upstream_id] = (verdict.seller_id, verdict.reason)
    return supply, assigned


def _plan_writes(
    order: IncomingOrder,
    payload: Mapping[str, Any],
    stored: Mapping[int, store.StoredOrder],
    supply: Mapping[int, tuple[int | None, str]],
    assigned: Mapping[int, store.StoredItem],
    own: addresses.OwnIds,
    writes: _Writes,
) -> None:
    sellers_of = {i.upstream_id: s for i in order.items if (s := supply[i.upstream_id][0]) is not None}
    held = [
        {"id": i.upstream_id, "sku": i.sku, "reason": supply[i.upstream_id][1]}
        for i in order.items
        if i.upstream_id not in sellers_of
    ]
    if held:
        writes.holds.append((order.upstream_id, order.number, held, dict(payload), order.modified_at))
    else:
        writes.released.append((order.upstream_id, order.modified_at))
    known = {
        s: cutting.Known(order_id=row.order_id, seller_id=s, part=row.part, number=row.number)
        for s, row in stored.items()
    }
    document = dict(order.document)
    for name in ADDRESSES:
        document[name] = addresses.with_own_places(document.get(name), own)
    order = replace(order, document=document)
    for part in cutting.cut(order, sellers_of, known, held=bool(held)):
        _plan_part(order, part, stored.get(part.seller_id), assigned, writes)


def _plan_part(
    order: IncomingOrder,
    part: cutting.SellerPart,
    before: store.StoredOrder | None,
    assigned: Mapping[int, store.StoredItem],
    writes: _Writes,
) -> None:
    merged = {
        i.upstream_id: statuses.merged(assigned[i.upstream_id].status, i.status)
        if i.upstream_id in assigned
        else i.status
        for i in part.items
    }
    status = statuses.merged(before.status, order.status) if before else order.status
    part = replace(part, items=tuple(_with_stamp(i, assigned.get(i.upstream_id)) for i in part.items))
    print_ = cutting.digest(order, part)
    moved = any(
        i.upstream_id not in assigned or assigned[i.upstream_id].status != merged[i.upstream_id]
        for i in part.items
    )
    moved = moved or any(
        i.document.get("delivered_date") != assigned[i.upstream_id].delivered_date
        and not _is_stamp(assigned[i.upstream_id], i)
        for i in part.items
    )
    if (
        before is not None
        and before.status == status
        and not moved
        and cutting.is_of(print_, before.digest, order, part)
    ):
        writes.seen.append((before.order_id, order.modified_at))
        writes.stamps |= {
            i.upstream_id: i.document["delivered_date"]
            for i in part.items
            if _is_stamp(assigned[i.upstream_id], i)
        }
        return
    customer = order.document.get("customer") or {}
    row = store.OrderRow(
        order_id=before.order_id if before else None,
        seller_id=part.seller_id,
        upstream_id=order.upstream_id,
        upstream_number=order.number,
        number=part.number,
        part=part.part,
        status=status,
        currency=order.currency,
        amount=part.amount,
        customer_name=f"{customer.get('first_name') or ''} {customer.get('last_name') or ''}".strip()[:512],
        document=_document(order, part),
        digest=print_,
        date_placed=order.date_placed,
        upstream_modified_at=order.modified_at,
    )
    (writes.changed if before else writes.new).append(row)
    writes.items += [_item_row(order, part.seller_id, item, merged[item.upstream_id]) for item in part.items]


def _with_stamp(item: IncomingItem, stored: store.StoredItem | None) -> IncomingItem:
    """A version from before the hub knew of the delivery does not take back the stamp its answer gave meanwhile."""
    if stored is None or stored.delivered_date is None or item.document.get("delivered_date") is not None:
        return item
    if stored.status < statuses.DELIVERED or item.status >= statuses.DELIVERED:
        return item
    return replace(item, document={**item.document, "delivered_date": stored.delivered_date})


def _is_stamp(stored: store.StoredItem, item: IncomingItem) -> bool:
    """Whether it is the first time of delivery of an item known as delivered: the hub's stamp of what it was told."""
    told = stored.delivered_date is None and stored.status == statuses.DELIVERED
    return told and isinstance(item.document.get("delivered_date"), str)


def _document(order: IncomingOrder, part: cutting.SellerPart) -> dict[str, Any]:
    own = {"shipping_amount": money(part.shipping_amount)}
    if part.part > 1 and "net_shipping_amount" in order.document:
        own["net_shipping_amount"] = money(part.shipping_amount)
    return {**order.document, **own}


def _item_row(order: IncomingOrder, seller_id: int, item: IncomingItem, status: int) -> store.ItemRow:
    return store.ItemRow(
        seller_id=seller_id,
        upstream_order_id=order.upstream_id,
        upstream_id=item.upstream_id,
        sku=item.sku,
        name=item.name,
        quantity=item.quantity,
        price=item.price,
        status=status,
        document=item.document,
    )


def _write(writes: _Writes, parts: Mapping[int, Mapping[int, store.StoredOrder]], now: datetime) -> list[int]:
    """The ids of the new orders."""
    order_ids = {(s, upstream): row.order_id for upstream, rows in parts.items() for s, row in rows.items()}
    created = (
        store.insert_orders(writes.new, delivery_setting_id=default_setting_id(), now=now)
        if writes.new
        else {}
    )
    order_ids.update(created)
    store.update_orders(writes.changed)
    store.mark_seen(writes.seen)
    store.stamp_items(writes.stamps)
    store.upsert_items(writes.items, order_ids, now=now)
    store.hold_orders(writes.holds, writes.released, now=now)
    registry.tell_new_orders(
        [
            registry.NewOrder(
                order_id=created[(r.seller_id, r.upstream_id)], seller_id=r.seller_id, number=r.number
            )
            for r in writes.new
        ],
        now,
    )
    return list(created.values())
