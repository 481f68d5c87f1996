"""SELLER_CENTER_SETTINGS as the rest of the room uses it."""

from dataclasses import dataclass, field, replace
from typing import Any

from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.omnitron_client.domain import routing
from ambar.oms.upstream.domain import statuses
from ambar.oms.upstream.domain.filters import Filter, compiled

KEY = "SELLER_CENTER_SETTINGS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """The seller's part of the hand-over. `poll_seconds` is the longest pause between two polls.

    `supplier_named`: an order that names no supplier is not taken for one of ours (`of_pushes`).
    """

    supplier_code: str = ""
    filters: tuple[Filter, ...] = ()
    status_map: dict[int, int] = field(default_factory=lambda: dict(statuses.DEFAULT_MAP))
    cargo_company_map: dict[str, str] = field(default_factory=dict)
    default_cargo_company: str | None = None
    poll_seconds: float = 5.0
    overlap_seconds: float = 10.0
    quantity_key: str = "quantity"
    hook_secrets: tuple[str, ...] = ()
    supplier_named: bool = False


_kept: tuple[Any, Configured] = (None, Configured())


def current() -> Configured:
    """What is configured now; defaults where nothing is set."""
    global _kept
    value = settings_queries.value(KEY)
    if value is not _kept[0]:
        _kept = (value, _read(value or {}))
    return _kept[1]


def of_pushes(source: str) -> Configured:
    """What holds for orders that somebody sent here: what is pulled was asked for by its supplier, a push may be anybody's.

    Orders of a Seller Center name their supplier; Omnitron's, which names none with an order, are told by that. Where orders
    come from Omnitron itself that is right.
    """
    return replace(current(), supplier_named=source == routing.SELLER_CENTER)


def _read(value: dict[str, Any]) -> Configured:
    plain = Configured()
    shipping = value.get("shipping") or {}
    told = value.get("status_map")
    secrets = (value.get("hook_secret"), value.get("previous_hook_secret"))
    return Configured(
        supplier_code=value.get("supplier_code", ""),
        filters=compiled(value.get("order_filters") or ()),
        status_map=plain.status_map
        if told is None
        else {int(state): int(code) for state, code in told.items()},
        cargo_company_map=dict(shipping.get("cargo_company_map") or {}),
        default_cargo_company=shipping.get("default"),
        poll_seconds=float(value.get("poll_seconds", plain.poll_seconds)),
        overlap_seconds=float(value.get("overlap_seconds", plain.overlap_seconds)),
        quantity_key=value.get("quantity_key", plain.quantity_key),
        hook_secrets=tuple(secret for secret in secrets if secret),
    )


def order_source() -> str:
    """Which system the ids of orders belong to: the Seller Center when `orders` is redirected to it, else Omnitron.

    Without settings the Seller Center is assumed, for that is whom this OMS serves.
    """
    value = settings_queries.value("OMNITRON_CLIENT_SETTINGS")
    if value is None:
        return routing.SELLER_CENTER
    redirected = {entry.get("endpoint") for entry in value.get("endpoint_conf") or ()}
    return routing.SELLER_CENTER if "orders" in redirected else routing.OMNITRON
