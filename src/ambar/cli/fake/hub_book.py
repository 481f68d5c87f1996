"""What the fake Omnitron has: channels, goods, stores, stock, places and hooks, kept in memory."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from ambar.cli.fake import goods
from ambar.cli.fake.listing import Field, Listing, Query, Row, flag, moment, whole
from ambar.kit import clock
from ambar.kit.refusals import Conflict, Invalid, NotFound
from ambar.omnitron.catalogue import sample

LARGEST_PAGE = 50_000
ID, TIME, FLAG = Field(read=whole), Field(read=moment), Field(read=flag)


def _listing(*sorts: str, **fields: Field) -> Listing:
    shared = {"id": ID, "modified_date": TIME, "created_date": TIME}
    return Listing(
        fields={**shared, **fields}, sorts=("id", "created_date", "modified_date", *sorts), most=LARGEST_PAGE
    )


LISTS = {
    "countries": _listing("name", name=Field(), code=Field(folded=True), is_active=FLAG),
    "cities": _listing("name", name=Field(), country=ID, is_active=FLAG),
    "townships": _listing("name", name=Field(), city=ID, is_active=FLAG),
    "districts": _listing("name", name=Field(), city=ID, township=ID, is_active=FLAG),
    "channels": _listing("name", name=Field(), channel_type=Field(), is_active=FLAG),
    "catalogs": _listing(),
    "products": _listing(
        "name", "sku", name=Field(), sku=Field(), base_code=Field(), barcode=Field(), is_active=FLAG
    ),
    "stock_lists": _listing(name=Field(), retail_store=ID, is_active=FLAG),
    "product_stocks": _listing(stock_list=ID, product=ID, product__sku=Field(get=lambda row: row["sku"])),
    "retail_stores": _listing("name", "erp_code", name=Field(), erp_code=Field(), is_active=FLAG),
    "cancellation_reasons": _listing(is_active=FLAG),
}
"""Path of each list → what it can be asked."""
EVENTS = (
    "cancellation_plan.created", "cancellation_plan.updated", "order.created", "order.updated", "retail_store.created", "retail_store.updated",
)  # fmt: skip
HOOKS = Listing(
    fields={"target_url": Field(folded=True), "event_type": Field(folded=True), "is_active": FLAG},
    sorts=("id", "event_type", "created_date", "modified_date"),
    strict=True,
)
REASONS = ("Vazgeçtim", "Yanlış ürün", "Geç kaldı", "Hasarlı geldi")
_CHANGEABLE = ("retry_countdown_config", "target_url", "is_active", "secret_key", "event_type", "callback", "additional_headers", "config")  # fmt: skip
_REQUIRED = ("retry_countdown_config", "target_url", "event_type")


class Registered(Conflict):
    """Webhook already registered"""

    code = "webhook_100_2"


class HubBook:
    """The hub's lists, seeded (or with nothing but `places`: `empty`). Safe between threads."""

    def __init__(self, *, seed: int = 1, places: goods.Places | None = None, empty: bool = False) -> None:
        self.lock = threading.RLock()
        self.rows: dict[str, dict[int, Row]] = {name: {} for name in LISTS}
        self.hooks: dict[int, Row] = {}
        self.next_hook = 1
        self.places = places or goods.places()
        self.rows.update(self.places.rows)
        if not empty:
            self._fill(seed)

    def _add(self, name: str, row: Row) -> Row:
        key = len(self.rows[name]) + 1
        made = {"id": key, "pk": key, **row, **goods.DATES}
        self.rows[name][key] = made
        return made

    def _fill(self, seed: int) -> None:
        self._add("channels", {"name": "Ambar Shop", "catalog": None, "channel_type": "web", "conf": {},
                               "category_tree": None, "schema": {}, "is_active": True})  # fmt: skip
        self._add("catalogs", {"name": "Ambar Shop", "price_list": None, "stock_list": None})
        for subject in REASONS:
            self._add("cancellation_reasons", {"subject": subject, "is_active": True})
        wares = sample.products(seed)
        for row in wares:
            self._add("products", {**{name: row[name] for name in ("sku", "base_code", "name", "barcode", "attributes", "category", "weight")},
                "productimage_set": [], "product_type": "0", "is_active": True, "parent": None, "attribute_set": None, "productization_date": None})  # fmt: skip
        stores = sample.retail_stores()
        for store in stores:
            self._store(store)
        products = {row["sku"]: row["id"] for row in self.rows["products"].values()}
        lists = {row["code"]: row["id"] for row in self.rows["stock_lists"].values()}
        for stock in sample.stocks(seed, wares, stores):
            self._add("product_stocks", {"product": products[stock["sku"]], "sku": stock["sku"], "stock": stock["stock"],
                "stock_list": lists[stock["erp_code"]], "unit_type": "qty", "extra_field": {}, "sold_quantity_unreported": 0})  # fmt: skip

    def _store(self, store: Row) -> None:
        township = self.places.ids["townships", store["city"], store["township"]]
        given = ("name", "erp_code", "address", "postcode", "phone_number", "store_hours", "latitude", "longitude", "click_and_collect", "fast_delivery")  # fmt: skip
        made = self._add("retail_stores", {
            **{name: store[name] for name in given}, "township": township, "township_id": township, "district": None, "district_id": None,
            "fax_phone_number": "", "image": None, "is_active": True, "kapida_enabled": False, "is_return_accepted": False,
            "store_type_id": None, "group_id": None, "sort_order": 0, "config": {}, "channels": [], "translations": {}})  # fmt: skip
        self._add("stock_lists", {"name": f"Stok {store['erp_code']}", "code": store["erp_code"],
                                  "retail_store": made["id"], "is_active": True})  # fmt: skip

    def page(self, name: str, query: Query, link: Any, *, detailed: bool = False) -> Row:
        """A page of one list; `detailed`: stores with their places nested."""
        with self.lock:
            found = LISTS[name].page(self.rows[name].values(), query, link)
            rows = [self._detailed(row) if detailed else {**row} for row in found["results"]]
            return {**found, "results": rows}

    def _detailed(self, store: Row) -> Row:
        township = self.rows["townships"][store["township"]]
        city = self.rows["cities"][township["city"]]
        nested = {**township, "city": {**city, "country": self.rows["countries"][city["country"]]}}
        return {**store, "township": nested, "district": self.rows["districts"].get(store["district"])}

    def add_hook(self, body: Any, *, user: str) -> Row:
        """A new subscription. Errors: `Invalid` per field, `Registered` when user, URL and event are there."""
        fields = _hook_fields(body, partial=False)
        at = clock.iso(clock.now())
        with self.lock:
            key = self.next_hook
            self.next_hook += 1  # also when the hook is refused, as a database counts
            row: Row = {
                "id": key, "retry_countdown_config": {}, "created_date": at, "modified_date": at, "target_url": "", "is_active": True,
                "secret_key": None, "event_type": "", "callback": None, "additional_headers": {}, "config": {},
            }  # fmt: skip
            row.update(fields)
            self._once(row)
            self.hooks[key] = row
        return row

    def change_hook(self, key: int, body: Any) -> Row:
        """Change the given fields of a subscription. Errors: `NotFound`, and those of `add_hook`."""
        fields = _hook_fields(body, partial=True)
        with self.lock:
            row = self.hooks.get(key)
            if row is None:
                raise NotFound("Not found.")
            self._once({**row, **fields})
            row.update(fields, modified_date=clock.iso(clock.now()))
            return row

    def _once(self, row: Row) -> None:
        same = ("target_url", "event_type")
        if any(
            other["id"] != row["id"] and all(other[name] == row[name] for name in same)
            for other in self.hooks.values()
        ):
            raise Registered()


def _hook_fields(body: Any, *, partial: bool) -> Row:
    if not isinstance(body, Mapping):
        reason = f"Invalid data. Expected a dictionary, but got {type(body).__name__}."
        raise Invalid(fields={"non_field_errors": [reason]})
    errors: dict[str, Any] = {}
    if not partial:
        errors = {name: ["This field is required."] for name in _REQUIRED if name not in body}
    event = body.get("event_type")
    if event is not None and event not in EVENTS:
        errors["event_type"] = [f'"{event}" is not a valid choice.']
    if "is_active" in body and not isinstance(body["is_active"], bool):
        errors["is_active"] = ["Must be a valid boolean."]
    if errors:
        raise Invalid(fields=errors)
    found = {name: body[name] for name in _CHANGEABLE if name in body}
    config = found.get("retry_countdown_config")
    if isinstance(config, Mapping) and config.get("choice") == "exponential":
        found["retry_countdown_config"] = {**config, "kwargs": {"factor": 1, **config.get("kwargs", {})}}
    return found
