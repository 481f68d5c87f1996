"""Ask an engine for one SKU and answer what it said, changing nothing."""

import time
from dataclasses import dataclass
from decimal import Decimal

from ambar.kit.refusals import NotFound
from ambar.oms.omnitron_client.gateways.client import NotConfigured, UpstreamFailed
from ambar.oms.stock.gateways import omnitron_feed, services
from ambar.oms.stock.gateways.stock_service import StockService
from ambar.oms.stock.models import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """`failure` is "" for an answer; `figures` are by ERP code."""

    failure: str
    figures: dict[str, Decimal]
    milliseconds: int


def try_engine(engine_id: int, sku: str) -> Tried:
    """Ask now, whatever is known; a new connection, so that a sign-in is tried too. Raises `NotFound`."""
    engine = Engine.objects.filter(pk=engine_id).first()
    if engine is None:
        raise NotFound("Not found.")
    begun = time.monotonic()
    failure, figures = _omnitron(sku) if engine.kind == Engine.OMNITRON else _service(engine, sku)
    return Tried(failure=failure, figures=figures, milliseconds=round((time.monotonic() - begun) * 1000))


def _service(engine: Engine, sku: str) -> tuple[str, dict[str, Decimal]]:
    service = StockService(services.opened(engine), timeout_seconds=engine.timeout_seconds)
    try:
        figures, failures = service.ask([sku])
    finally:
        service.close()
    return failures.get(sku, ""), figures.get(sku, {})


def _omnitron(sku: str) -> tuple[str, dict[str, Decimal]]:
    try:
        return "", omnitron_feed.figures_of(sku)
    except (UpstreamFailed, NotConfigured) as failed:
        return f"{type(failed).__name__}: {failed}"[:300], {}
