"""Which channels' packages get a parcel when they are packed by Channel Based Complete Packaging.

Settings key `CHANNEL_PACKING_SETTINGS`; `docs/decisions/0038-pickup-returns-refunds.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ambar.oms.app_settings import queries
from ambar.oms.packages.models import Package

KEY = "CHANNEL_PACKING_SETTINGS"
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]


class ChannelPacking(BaseModel):
    """`channels_with_shipment`: names of the channels whose packages are handed to a carrier; the others' are not."""

    model_config = ConfigDict(extra="forbid")

    channels_with_shipment: list[Name] = Field(max_length=1000)

    @field_validator("channels_with_shipment")
    @classmethod
    def _each_once(cls, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise ValueError("a channel is named twice")
        return value


def with_shipment(package_ids: Sequence[int]) -> set[int]:
    """Those of these packages that are handed to a carrier; none while the settings say nothing."""
    names = (queries.value(KEY) or {}).get("channels_with_shipment", [])
    if not names:
        return set()
    rows = Package.objects.filter(pk__in=package_ids, channel__name__in=names)
    return set(rows.values_list("pk", flat=True))
