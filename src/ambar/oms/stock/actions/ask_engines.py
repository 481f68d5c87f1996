"""Ask outside stock services for products whose figures are too old, and write their answers as counts."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal

from ambar.oms.stock import engines
from ambar.oms.stock.counts import Counted, set_on_hand
from ambar.oms.stock.domain.answers import Figures
from ambar.oms.stock.gateways import services
from ambar.oms.stock.models import Engine

ENGINES_AT_ONCE = 4
Asked = tuple[dict[str, Figures], dict[str, str]]


def ask_engines(product_ids: Collection[int], *, now: datetime) -> None:
    """Ask for what is stale; call it outside of any transaction. Several services are asked side by side.

    What a service answers becomes the count of its locations; what it does not answer stays unknown, with the reason.
    """
    stale = engines.unknown_locations(product_ids, now=now).stale
    if not stale:
        return
    by_engine: dict[int, set[int]] = {}
    places: dict[int, set[int]] = {}
    engine_of = engines.engine_locations()
    for location_id, product_id in stale:
        engine_id = engine_of.get(location_id)
        if engine_id is not None:
            by_engine.setdefault(engine_id, set()).add(product_id)
            places.setdefault(engine_id, set()).add(location_id)
    rows = {engine.pk: engine for engine in Engine.objects.filter(pk__in=by_engine).order_by("pk")}
    skus = engines.skus_of({product for products in by_engine.values() for product in products})
    wanted = {number: [skus[p] for p in sorted(by_engine[number]) if p in skus] for number in rows}
    for engine_id, (figures, failures) in _ask_all(rows, wanted).items():
        ids = {skus[product]: product for product in by_engine[engine_id] if product in skus}
        _write(
            rows[engine_id],
            figures,
            failures,
            ids,
            [place for place, number in engine_of.items() if number == engine_id],
            now=now,
        )


def _ask_all(rows: Mapping[int, Engine], wanted: Mapping[int, list[str]]) -> dict[int, Asked]:
    asking = {number: services.service_of(engine) for number, engine in rows.items()}
    if len(asking) == 1:
        [(number, one)] = asking.items()
        return {number: one.ask(wanted[number])}
    with ThreadPoolExecutor(ENGINES_AT_ONCE, thread_name_prefix="stock-engine") as pool:
        running = {number: pool.submit(one.ask, wanted[number]) for number, one in asking.items()}
        return {number: future.result() for number, future in running.items()}


def _write(
    engine: Engine,
    figures: Mapping[str, Figures],
    failures: Mapping[str, str],
    ids: Mapping[str, int],
    location_ids: list[int],
    *,
    now: datetime,
) -> None:
    codes = engines.codes_of(location_ids)
    rows = [
        Counted(location_id=place, product_id=ids[sku], on_hand=found.get(code, Decimal(0)))
        for sku, found in figures.items()
        for code, place in codes.items()
    ]
    set_on_hand(rows, reason=f"engine {engine.pk}", cause=None, now=now)
    outcomes = {ids[sku]: "" for sku in figures} | {ids[sku]: why for sku, why in failures.items()}
    engines.note_answers(engine.pk, outcomes, now=now)
