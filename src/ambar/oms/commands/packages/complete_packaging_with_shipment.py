"""Akinon OMS: Complete Packaging with Shipment."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.packages import complete_packaging
from ambar.oms.commands.registry import Command
from ambar.oms.commands.shipments.shipment_order import Company
from ambar.oms.commands.stock_effects import take_stock
from ambar.oms.packages import store as packages
from ambar.oms.shipments.actions.order_parcels import new_parcel, order


class ParcelParameters(rest.Body):
    """`parcels`: how many parcels the package fills; each is made known to the carrier and has a story of its own.
    `shipping_company`: who takes it, where it is not the order's cargo company."""

    parcels: Annotated[int, Field(ge=1, le=50)] = 1
    shipping_company: Company | None = None


def run(batch: Batch) -> None:
    """Packed, with its parcels; the carrier is asked after the commit (`docs/decisions/0035-carriers.md`)."""
    take_stock(batch, reason="pack")
    given = {package.id: cast(ParcelParameters, batch.parameters[package.id]) for package in batch.standing}
    companies = {i: one.shipping_company for i, one in given.items() if one.shipping_company is not None}
    packages.set_shipping_company(companies, now=batch.now)
    order(
        [
            new_parcel(package, cargo_company=companies.get(package.id, package.shipping_company))
            for package in batch.standing
            for _ in range(given[package.id].parcels)
        ],
        now=batch.now,
    )
    batch.move()


COMMAND = Command(
    code="CompletePackingCommand",
    kind="package",
    title="Complete Packaging with Shipment",
    pairs=complete_packaging.COMMAND.pairs,
    parameters=ParcelParameters,
    run=run,
)
