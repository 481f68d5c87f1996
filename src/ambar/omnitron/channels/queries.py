"""Reads of channels and carriers."""

from __future__ import annotations

from typing import Any

from ambar.kit.refusals import NotFound
from ambar.omnitron import wire
from ambar.omnitron.channels.models import CargoCompany, Channel


def channel_or_404(key: int) -> Channel:
    """The channel with that key.

    :raises NotFound: there is none.
    """
    channel = Channel.objects.filter(pk=key).first()
    if channel is None:
        raise NotFound()
    return channel


def channel_json(row: Channel) -> dict[str, Any]:
    """A channel as listed; relations are keys."""
    return {
        **wire.identity(row.pk),
        "name": row.name,
        "catalog": row.catalog_id,
        "channel_type": row.channel_type,
        "conf": row.conf,
        "category_tree": row.category_tree_id,
        "schema": row.schema,
        "is_active": row.is_active,
        **wire.dates(row),
    }


def short_sql(key: str) -> str:
    """SQL of a channel as embedded in a detailed order; `key` is SQL too."""
    return wire.record_sql(
        {**wire.IDENTITY_SQL, "name": "name", "channel_type": "channel_type"},
        f"FROM omnitron_channels_channel WHERE id = {key}",
    )


def cargo_json(row: CargoCompany) -> dict[str, Any]:
    """A carrier as listed."""
    return {
        **wire.identity(row.pk),
        "name": row.name,
        "erp_code": row.erp_code,
        "shipping_company": row.shipping_company,
        **wire.dates(row),
    }


def cargo_sql(key: str) -> str:
    """SQL of a carrier as embedded in a detailed order; `key` is SQL too."""
    return wire.record_sql(
        {
            **wire.IDENTITY_SQL,
            "name": "name",
            "erp_code": "erp_code",
            "shipping_company": "shipping_company",
        },
        f"FROM omnitron_channels_cargocompany WHERE id = {key}",
    )
