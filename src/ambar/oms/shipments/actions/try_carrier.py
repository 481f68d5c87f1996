"""Ask a connected carrier something harmless, to see whether address, user name and password are right."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import uuid4

from ambar.kit.vault import CannotOpen
from ambar.oms.shipments.gateways.adapters import adapter_of
from ambar.oms.shipments.gateways.shipment_flow import CarrierFailed
from ambar.oms.shipments.models import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How the call went; `failure` is empty when the carrier answered as it should."""

    failure: str
    milliseconds: int


def try_carrier(carrier: Carrier) -> Tried:
    """Ask for the story of a parcel that nobody has; nothing is written, here or there."""
    started = time.monotonic()
    failure = ""
    try:
        adapter_of(carrier).query([uuid4()])
    except (CarrierFailed, CannotOpen) as failed:
        failure = str(failed)
    return Tried(failure=failure, milliseconds=round((time.monotonic() - started) * 1000))
