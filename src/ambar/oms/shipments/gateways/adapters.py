"""Adapters by name. A new kind of carrier is one file beside this one and one line here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any

from ambar.kit import vault
from ambar.oms.shipments.gateways.shipment_flow import ShipmentFlow
from ambar.oms.shipments.models import Carrier

ADAPTERS: dict[str, Callable[..., Any]] = {"shipment_flow": ShipmentFlow}

_lock = Lock()
_kept: dict[int, tuple[datetime, Any]] = {}


def adapter_of(carrier: Carrier) -> Any:
    """The adapter of a stored carrier, its connections kept; built anew when the carrier was changed."""
    with _lock:
        kept = _kept.get(carrier.pk)
        if kept is not None and kept[0] == carrier.modified_at:
            return kept[1]
        if kept is not None:
            kept[1].close()
        made = ADAPTERS[carrier.adapter](
            base_url=carrier.base_url,
            username=carrier.username,
            password=vault.open(carrier.password),
            credentials_identifier=carrier.credentials_identifier,
            timeout_seconds=carrier.timeout_seconds,
        )
        _kept[carrier.pk] = (carrier.modified_at, made)
        return made
