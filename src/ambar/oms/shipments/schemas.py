"""Wire shapes of carriers and sender addresses; passwords are never answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ambar.kit import clock, rest
from ambar.oms.shipments.models import Carrier, SenderAddress, ShipmentStatusEntry

MASK = "********"
Text = Annotated[str, Field(max_length=255, pattern=r"^[^\x00]*$")]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Origin = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]


class CarrierPatch(rest.Body):
    """Fields to change. `timeout_seconds` is the total for one call; `poll_seconds` how often a story is asked for."""

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")] = ""
    adapter: Annotated[str, Field(max_length=32)] = "shipment_flow"
    base_url: Annotated[str, Field(min_length=1, max_length=2048)] = ""
    username: Text = ""
    password: Text = ""
    credentials_identifier: Text = ""
    timeout_seconds: Annotated[int, Field(ge=1, le=60)] = 10
    poll_seconds: Annotated[int, Field(ge=1, le=86_400)] = 300
    is_active: bool = True


class CarrierBody(CarrierPatch):
    """A carrier to connect; `code` is the cargo company's code on orders and packages."""

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
    base_url: Annotated[str, Field(min_length=1, max_length=2048)]


class SenderPatch(rest.Body):
    """Fields to change."""

    origin_id: Origin = ""
    remote_id: Origin | None = None
    address: dict[str, Any] = {}


class SenderBody(SenderPatch):
    """How a carrier (none: any) knows a location."""

    stock_location: rest.Id
    carrier: rest.Id | None = None
    origin_id: Origin


class SenderWanted(rest.Body):
    """A location to make known to a carrier, which answers the id it will have there."""

    stock_location: rest.Id
    carrier: rest.Id


class PassedOn(BaseModel):
    """A body handed to the carrier as it is."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)


def carriers(rows: Iterable[Carrier]) -> list[dict[str, Any]]:
    """Carriers as answered."""
    plain = ("code", "name", "adapter", "base_url", "username", "credentials_identifier", "timeout_seconds",
             "poll_seconds", "is_active")  # fmt: skip
    return [
        {
            "id": row.pk,
            **{name: getattr(row, name) for name in plain},
            "password": MASK if row.password else "",
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]


def senders(rows: Iterable[SenderAddress]) -> list[dict[str, Any]]:
    """Sender addresses as answered (Akinon OMS: Stock Location Sender Address Services)."""
    return [
        {
            "id": row.pk,
            "origin_id": row.origin_id,
            "remote_id": row.remote_id,
            "address": row.address,
            "stock_location": row.location_id,
            "carrier": row.carrier_id,
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]


def entries(rows: Iterable[ShipmentStatusEntry]) -> list[dict[str, Any]]:
    """What a carrier told; `applied` false: it came too late to change anything."""
    return [
        {
            "status": row.status,
            "date": clock.iso(row.at),
            "description": row.description,
            "applied": row.applied,
            "received_date": clock.iso(row.created_at),
        }
        for row in rows
    ]
