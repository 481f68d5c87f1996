"""Take the stock figures that changed at Omnitron, for the locations that point to the engine `omnitron`."""

from datetime import datetime, timedelta

from django.db import transaction

from ambar.kit import ids
from ambar.oms.locations.models import StockLocation
from ambar.oms.omnitron_client.gateways import client as omnitron
from ambar.oms.omnitron_client.gateways.client import NotConfigured, UpstreamFailed
from ambar.oms.stock.counts import set_on_hand
from ambar.oms.stock.gateways import omnitron_feed
from ambar.oms.stock.models import Engine

OVERLAP = timedelta(seconds=30)
"""Read again each time: a row committed late carries an earlier moment than one already seen."""


def follow_omnitron(*, now: datetime) -> int:
    """One round; answers how many figures changed. 0 without a location that points to it.

    The cursor (Omnitron's own times) moves only after a whole round, so a broken one is done again: figures are set, not
    added. A location that is new to the engine makes the round a full one. A failure stays readable on the engine.
    """
    engine = Engine.objects.filter(kind=Engine.OMNITRON).first()
    if engine is None:
        return 0
    pointing = StockLocation.objects.filter(engine_id=engine.pk, is_active=True)
    if not pointing:
        return 0
    try:
        changed, newest = _round(engine, {row.upstream_id: row for row in pointing}, now=now)
    except (UpstreamFailed, NotConfigured) as failed:
        Engine.objects.filter(pk=engine.pk).update(fed_error=f"{type(failed).__name__}: {failed}"[:300])
        return 0
    Engine.objects.filter(pk=engine.pk).update(fed_at=now, fed_until=newest or engine.fed_until, fed_error="")
    return changed


def _round(
    engine: Engine, places: dict[int | None, StockLocation], *, now: datetime
) -> tuple[int, datetime | None]:
    client = omnitron.current()
    source = client.source("retail_stores")
    changed, newest, cause = 0, engine.fed_until, ids.uuid7()
    for stock_list, store in sorted(omnitron_feed.store_lists(client).items()):
        place = None if store is None else places.get(store)
        if place is None or place.source != source:
            continue
        whole = engine.fed_at is None or engine.fed_until is None or place.modified_at > engine.fed_at
        since = None if whole or engine.fed_until is None else engine.fed_until - OVERLAP
        for page in omnitron_feed.rows_of(client, stock_list, since=since):
            rows, _ = omnitron_feed.read_rows(page, place.pk)
            with transaction.atomic():
                changed += set_on_hand(rows, reason="omnitron", cause=cause, now=now).changed
            newest = max([*omnitron_feed.moments(page), *([newest] if newest else [])], default=None)
    return changed, newest
