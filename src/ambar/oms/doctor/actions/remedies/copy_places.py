"""Copy what differs of a dictionary, and take away what upstream does not have."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from ambar.oms.doctor.actions.checks import dictionaries
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, already, done, failed
from ambar.oms.doctor.visit import Visit
from ambar.oms.omnitron_client.domain.routing import source
from ambar.oms.places import digests, store
from ambar.oms.places.actions.copy_dictionaries import NAMES
from ambar.oms.places.models import City, Country, District, Township
from ambar.oms.setup.actions import run_step

MODELS = {"country": Country, "city": City, "township": Township, "district": District}
MOST_BUCKETS = 8
"""More than so much is left to Basic Setup in the background, which shows how far it is."""


def copy_places(visit: Visit, finding: Finding, given: Given) -> Mended:
    """Bucket by bucket of ids; everything at once in the background when much differs, or no digests are told."""
    level = next(one for one, name in NAMES.items() if name == finding.figures["dictionary"])
    different = dictionaries.differences(visit, level)
    if different is not None and not different.buckets:
        return already("it is equal by now", "artık eşit")
    if different is None or len(different.buckets) > MOST_BUCKETS:
        return _in_background(visit)
    written, gone, kept = 0, 0, 0
    for bucket in different.buckets:
        rows = dictionaries.rows_upstream(visit, level, bucket)
        if rows is None:
            return failed("the dictionary can't be read from upstream", "sözlük kaynaktan okunamıyor")
        assert visit.settings is not None
        system = source(visit.settings, "countries")
        written += store.copy_places(level, system, rows).written
        there = {row.get("pk", row.get("id")) for row in rows}
        for spare in sorted(digests.rows_of(level, system, bucket).keys() - there):
            removed = _removed(level, system, spare)
            gone, kept = gone + removed, kept + (not removed)
    store.estimate_coordinates()
    if kept:
        return failed(
            f"{kept} rows upstream does not have stay, because locations or other places refer to them",
            f"kaynakta olmayan {kept} satır kalıyor, çünkü lokasyonlar ya da başka yerler onlara bağlı",
        )
    return done(
        f"{NAMES[level]}: {written} rows copied, {gone} removed",
        f"{NAMES[level]}: {written} satır kopyalandı, {gone} satır silindi",
    )


def _removed(level: str, system: str, upstream_id: int) -> bool:
    try:
        with transaction.atomic():
            MODELS[level].objects.filter(source=system, upstream_id=upstream_id).delete()
    except (ProtectedError, IntegrityError):
        return False
    return True


def _in_background(visit: Visit) -> Mended:
    try:
        run_step.start("addresses", now=visit.now)
    except run_step.StillWorking:
        pass
    return Mended(
        outcome="started",
        en="Basic Setup: Addresses was started; look again when it is finished",
        tr="Temel Kurulum: Adresler başlatıldı; bitince yeniden bakın",
        waits_for="addresses",
    )
