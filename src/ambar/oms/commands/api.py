"""Akinon OMS: command services of packages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from ambar.kit import rest
from ambar.kit.rest.idempotency import Claim
from ambar.oms.commands.bulk_api import router as bulk_router
from ambar.oms.commands.calls import (
    ask_bulk,
    ask_one,
    in_background,
    may_ask,
    run_bulk,
    run_one,
    run_with_others,
)
from ambar.oms.commands.kinds import PACKAGES
from ambar.oms.commands.schemas import AnyBulkCall, AnyCall, BulkCommandIn, CommandIn
from ambar.oms.commands.shipments.api import router as shipments_router
from ambar.oms.commands.transfers.api import router as transfers_router

router = rest.Router()
router.add_router("", transfers_router)
router.add_router("", shipments_router)
router.add_router("", bulk_router)


def _ask_bulk(request: HttpRequest, body: BulkCommandIn) -> None:
    ask_bulk(request, PACKAGES, body.packages, body)


def _ask_one(request: HttpRequest, package_id: int, body: CommandIn) -> None:
    ask_one(request, PACKAGES, package_id, body)


def _with_others(request: HttpRequest, claim: Claim | None, package_id: int, body: CommandIn) -> HttpResponse:
    return run_with_others(request, PACKAGES, package_id, body, claim)


def _may_ask_bulk(request: HttpRequest, body: BulkCommandIn) -> bool:
    return not in_background(request, body.packages) and _may_ask(body)


def _may_ask_one(request: HttpRequest, package_id: int, body: CommandIn) -> bool:
    return _may_ask(body)


def _may_ask(body: AnyCall | AnyBulkCall) -> bool:
    return may_ask(PACKAGES, slug=body.slug, transition_id=body.transition)


@router.post("/packages/bulk-command/")
@rest.needs("packages:command")
@rest.idempotent(ahead=_ask_bulk, wanted=_may_ask_bulk)
def bulk_command(request: HttpRequest, body: BulkCommandIn) -> Any:
    """One transition on packages: 200 with a verdict for each; a refused one leaves the others alone.

    With `Prefer: respond-async`, and for more than 1,000 (up to 50,000): 202 with a bulk action, carried out in the
    background.
    """
    return run_bulk(request, PACKAGES, body.packages, body)


@router.post("/packages/{int:package_id}/command/")
@rest.needs("packages:command")
@rest.idempotent(ahead=_ask_one, wanted=_may_ask_one, together=_with_others)
def command(request: HttpRequest, package_id: int, body: CommandIn) -> Any:
    """Run a transition on one package: 204 (Prepare Package: 200 and what is left of it); 400 wrong state or field, 404 not found or not yours, 406 rule conflict."""
    return run_one(request, PACKAGES, package_id, body)
