"""Find everything new orders name: channels, products, lists, carriers, customers, addresses, places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ambar.omnitron import bulk
from ambar.omnitron.catalogue import store as catalogue
from ambar.omnitron.catalogue.models import PriceList
from ambar.omnitron.channels.models import CargoCompany, Channel
from ambar.omnitron.customers.models import Address, Customer
from ambar.omnitron.orders.models import OrderItem
from ambar.omnitron.places import queries as places
from ambar.omnitron.stock.models import StockList

ADDRESSES = ("shipping_address", "billing_address")


def resolve(batch: bulk.Batch) -> None:
    """Replaces names by keys in every good row and refuses rows that name something unknown; a dozen reads in all."""
    _channels(batch)
    _cargos(batch)
    resolve_items(batch)
    _customers(batch)
    _known_addresses(batch)
    _written_addresses(batch)


def resolve_items(batch: bulk.Batch) -> None:
    """The same for what the items name."""
    _products(batch)
    _keys(batch, "price_list", PriceList)
    _keys(batch, "stock_list", StockList)
    _keys(batch, "parent", OrderItem)


def _missing(value: object) -> list[str]:
    return [f'Invalid pk "{value}" - object does not exist.']


def _existing(model: Any, keys: Iterable[int]) -> set[int]:
    wanted = set(keys)
    return set(model.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def _channels(batch: bulk.Batch) -> None:
    known = _existing(Channel, (row["channel"] for row in batch.good.values()))
    for position, row in list(batch.good.items()):
        if row["channel"] not in known:
            batch.refuse(position, {"channel": _missing(row["channel"])})


def _cargos(batch: bulk.Batch) -> None:
    if not any(row["cargo_company"] is not None for row in batch.good.values()):
        return
    rows = list(CargoCompany.objects.values_list("pk", "erp_code", "shipping_company"))
    keys = {key for key, _, _ in rows}
    codes = {slug: key for key, _, slug in rows} | {code: key for key, code, _ in rows}
    for position, row in list(batch.good.items()):
        cargo = row["cargo_company"]
        if isinstance(cargo, str):
            row["cargo_company"] = codes.get(cargo)
        if cargo is not None and row["cargo_company"] not in keys:
            batch.refuse(position, {"cargo_company": [f'"{cargo}" is not a known carrier.']})


def _products(batch: bulk.Batch) -> None:
    items = [item for row in batch.good.values() for item in row["items"]]
    keys, skus = catalogue.product_keys(
        keys=[item["product"] for item in items if item["product"] is not None],
        skus=[item["sku"] for item in items if item["sku"]],
    )
    for position, row in list(batch.good.items()):
        wrong: dict[str, list[str]] = {}
        for index, item in enumerate(row["items"]):
            if item["product"] is None:
                item["product"] = skus.get(item["sku"] or "")
                if item["product"] is None:
                    wrong[f"items.{index}.sku"] = [f'"{item["sku"]}" is not a known product.']
            elif item["product"] not in keys:
                wrong[f"items.{index}.product"] = _missing(item["product"])
        if wrong:
            batch.refuse(position, wrong)


def _keys(batch: bulk.Batch, name: str, model: Any) -> None:
    rows = batch.good.values()
    known = _existing(model, (item[name] for row in rows for item in row["items"] if item[name] is not None))
    for position, row in list(batch.good.items()):
        wrong = {
            f"items.{index}.{name}": _missing(item[name])
            for index, item in enumerate(row["items"])
            if item[name] is not None and item[name] not in known
        }
        if wrong:
            batch.refuse(position, wrong)


def _customers(batch: bulk.Batch) -> None:
    wanted = {row["customer"] for row in batch.good.values() if isinstance(row["customer"], int)}
    known = dict(Customer.objects.filter(pk__in=wanted).values_list("pk", "channel_id")) if wanted else {}
    for position, row in list(batch.good.items()):
        if isinstance(row["customer"], int) and known.get(row["customer"]) != row["channel"]:
            batch.refuse(position, {"customer": _missing(row["customer"])})


def _known_addresses(batch: bulk.Batch) -> None:
    wanted = {row[name] for row in batch.good.values() for name in ADDRESSES if isinstance(row[name], int)}
    known = _existing(Address, wanted)
    for position, row in list(batch.good.items()):
        for name in ADDRESSES:
            if isinstance(row[name], int) and row[name] not in known:
                batch.refuse(position, {name: _missing(row[name])})
                break


def _written_addresses(batch: bulk.Batch) -> None:
    named = [
        (position, name)
        for position, row in sorted(batch.good.items())
        for name in ADDRESSES
        if isinstance(row[name], dict)
    ]
    found = places.resolve([batch.good[position][name] for position, name in named])
    for (position, name), place in zip(named, found, strict=True):
        wrong = {f"{name}.{level}": [reason] for level, reason in place.items() if isinstance(reason, str)}
        if wrong:
            batch.refuse(position, wrong)
        elif position in batch.good:
            batch.good[position][name] |= place
