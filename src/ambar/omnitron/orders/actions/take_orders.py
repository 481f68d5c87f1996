"""Take new orders in, one or hundreds: customers, addresses, orders, items and events as sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from ambar.omnitron import bulk
from ambar.omnitron.customers import store as customers
from ambar.omnitron.customers.domain.fingerprint import fingerprint
from ambar.omnitron.orders import store
from ambar.omnitron.orders.actions import resolve_orders
from ambar.omnitron.orders.actions.announce_orders import announce_orders
from ambar.omnitron.orders.domain.status import order_status
from ambar.omnitron.orders.schemas import OrderIn

Row = dict[str, Any]


def take_orders(rows: Sequence[Any], *, numbers: Callable[[], str], now: datetime) -> list[Row]:
    """Stores the orders that are good and records `order.created` for each, in one transaction.

    :param rows: bodies in the shape of `OrderIn`; a bad one is refused alone, with its reasons.
    :param numbers: makes the number of an order that brings none.
    :returns: per row `{"index", "result": "created"|"exists"|"refused", "id", "number" | "errors"}`; `exists` means the
        channel has an order of that number, which stays as it is.
    """
    batch = bulk.read(rows, OrderIn)
    for row in batch.good.values():
        row["number"] = row["number"] or numbers()
    batch.once("number", lambda row: (row["channel"], row["number"]))
    resolve_orders.resolve(batch)
    _skip_known(batch)
    if batch.good:
        with transaction.atomic():
            _write(batch, now)
    return batch.results()


def _skip_known(batch: bulk.Batch) -> None:
    known = store.existing([(row["channel"], row["number"]) for row in batch.good.values()])
    for position, row in list(batch.good.items()):
        key = known.get((row["channel"], row["number"]))
        if key is not None:
            del batch.good[position]
            batch.accept(position, key, "exists", number=row["number"])


def _write(batch: bulk.Batch, now: datetime) -> None:
    rows = list(batch.good.values())
    _customers(rows, now)
    _addresses(rows, now)
    made = store.insert_orders([_order(row, now) for row in rows], now=now)
    raced = [pair for row in rows if (pair := (row["channel"], row["number"])) not in made]
    known = store.existing(raced) if raced else {}
    items = []
    for position, row in batch.good.items():
        pair = (row["channel"], row["number"])
        if pair in made:
            items += [item_row(item, made[pair], row["currency"]) for item in row["items"]]
            batch.accept(position, made[pair], "created", number=row["number"])
        else:
            batch.accept(position, known[pair], "exists", number=row["number"])
    if items:
        store.insert_items(items, now=now)
        announce_orders("order.created", dict.fromkeys(made.values(), 1), now=now)


def _customers(rows: Sequence[Row], now: datetime) -> None:
    wanted: dict[tuple[int, str], Row] = {}
    for row in rows:
        who = row["customer"]
        if isinstance(who, dict):
            code = who["channel_code"] or who["email"] or who["phone_number"]
            row["customer_code"] = code
            wanted[row["channel"], code] = {**who, "channel": row["channel"], "channel_code": code}
    keys = customers.save_customers(list(wanted.values()), now=now) if wanted else {}
    for row in rows:
        if isinstance(row["customer"], dict):
            row["customer"] = keys[row["channel"], row["customer_code"]]


def _addresses(rows: Sequence[Row], now: datetime) -> None:
    wanted: dict[str, Row] = {}
    for row in rows:
        for name in ("shipping_address", "billing_address"):
            address = row[name]
            if isinstance(address, dict):
                address["customer"] = row["customer"]
                address["hash_data"] = fingerprint(address)
                wanted[address["hash_data"]] = address
    if not wanted:
        return
    made = customers.save_addresses(list(wanted.values()), now=now)
    keys = made | customers.address_keys([hashed for hashed in wanted if hashed not in made])
    for row in rows:
        for name in ("shipping_address", "billing_address"):
            if isinstance(row[name], dict):
                row[name] = keys[row[name]["hash_data"]]


def _order(row: Row, now: datetime) -> Row:
    items = row["items"]
    amount = row["amount"]
    if amount is None:
        amount = (
            sum((item["price"] for item in items), Decimal(0))
            + row["shipping_amount"]
            - row["discount_amount"]
        )
    status = row["status"]
    net = row["net_shipping_amount"]
    return {
        **row,
        "channel_id": row["channel"],
        "customer_id": row["customer"],
        "shipping_address_id": row["shipping_address"],
        "billing_address_id": row["billing_address"] or row["shipping_address"],
        "cargo_company_id": row["cargo_company"],
        "status": order_status(0, (item["status"] for item in items)) if status is None else status,
        "date_placed": row["date_placed"] or now,
        "amount": max(amount, Decimal(0)),
        "net_shipping_amount": row["shipping_amount"] if net is None else net,
    }


def item_row(item: Row, order: int, currency: str) -> Row:
    """An item's row for the table, from an `ItemIn` whose names are resolved."""
    return {
        **item,
        "order_id": order,
        "product_id": item["product"],
        "price_list_id": item["price_list"],
        "stock_list_id": item["stock_list"],
        "parent_id": item["parent"],
        "price_currency": item["price_currency"] or currency,
        **{name: item[name] or {} for name in store.JSON_FIELDS},
    }
