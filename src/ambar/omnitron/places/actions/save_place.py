"""Create or change one place by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ambar.kit.refusals import Invalid
from ambar.kit.text import turkish_fold
from ambar.omnitron.places.models import City, Country, District, Place, Township

RELATIONS: dict[str, type[Place]] = {"country": Country, "city": City, "township": Township}


def save_place(place: Place, changes: dict[str, Any], *, now: datetime) -> Place:
    """Sets the given fields and saves; coordinates given by hand are no estimate.

    :param place: a new place or one read from the table.
    :raises Invalid: an unknown relation, a district outside its city, or a name or code already taken.
    """
    for name, value in changes.items():
        if name in RELATIONS:
            if not RELATIONS[name].objects.filter(pk=value).exists():
                raise Invalid(fields={name: [f'Invalid pk "{value}" - object does not exist.']})
            setattr(place, f"{name}_id", value)
        else:
            setattr(place, name, "" if value is None and name in {"postcode", "zipcode"} else value)
    if isinstance(place, District) and place.township.city_id != place.city_id:
        raise Invalid(fields={"township": ["The township is not in that city."]})
    if changes.get("latitude") is not None or changes.get("longitude") is not None:
        place.coordinates_estimated = False
    place.folded = turkish_fold(place.name)
    place.created_at = place.created_at or now
    place.modified_at = now
    try:
        with transaction.atomic():
            place.save()
    except IntegrityError as error:
        taken = "code" if isinstance(place, Country) else "name"
        raise Invalid(fields={taken: [f"A place with this {taken} already exists."]}) from error
    return place
