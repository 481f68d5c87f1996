"""Load the places that come with Omnitron."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ambar.kit.refusals import Invalid
from ambar.omnitron.places import data, store


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Rows inserted or corrected per level; all zero when nothing was new."""

    countries: int
    cities: int
    townships: int
    districts: int


def import_places(*, districts_of: Collection[str] | None, now: datetime) -> Imported:
    """Inserts what is missing and corrects what differs, in one transaction; running it again changes nothing.

    :param districts_of: plate codes of the provinces whose districts are wanted; None for all, empty for none.
    :raises Invalid: an unknown plate code.
    """
    provinces = data.provinces()
    unknown = sorted(set(districts_of or ()) - {row.code for row in provinces})
    if unknown:
        raise Invalid(fields={"districts_of": [f"Unknown plate code: {', '.join(unknown)}."]})
    with transaction.atomic():
        code, name, latitude, longitude = data.COUNTRY
        country, made = store.ensure_country(code, name, latitude, longitude, now=now)
        return Imported(
            countries=int(made),
            cities=store.load_cities(country, provinces, now=now),
            townships=store.load_townships(country, data.townships(), now=now),
            districts=store.load_districts(country, data.districts(districts_of), now=now),
        )
