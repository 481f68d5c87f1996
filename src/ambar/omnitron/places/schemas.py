"""Wire shapes of places that callers send."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from ambar.kit import rest
from ambar.omnitron.wire import Key

Latitude = Annotated[Decimal, Field(ge=-90, le=90)]
Longitude = Annotated[Decimal, Field(ge=-180, le=180)]
Name = Annotated[str, Field(min_length=1, max_length=255)]


class _Place(rest.OpenBody):
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    is_active: bool = True
    translations: dict[str, Any] = {}


class _Postal(_Place):
    postcode: Annotated[str, Field(max_length=32)] | None = None


class CountryIn(_Place):
    name: Name
    code: Annotated[str, Field(min_length=1, max_length=8)]


class CountryPatch(CountryIn):
    name: Name = ""
    code: Annotated[str, Field(min_length=1, max_length=8)] = ""


class CityIn(_Postal):
    name: Name
    country: Key
    code: Annotated[str, Field(max_length=16)] = ""
    priority: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class CityPatch(CityIn):
    name: Name = ""
    country: Key = 0


class TownshipIn(_Postal):
    name: Name
    city: Key


class TownshipPatch(TownshipIn):
    name: Name = ""
    city: Key = 0


class DistrictIn(_Postal):
    name: Name
    city: Key
    township: Key
    zipcode: Annotated[str, Field(max_length=32)] | None = None


class DistrictPatch(DistrictIn):
    name: Name = ""
    city: Key = 0
    township: Key = 0


class ImportIn(rest.Body):
    """`districts_of`: plate codes; null or left out for all provinces, [] for none."""

    districts_of: list[Annotated[str, Field(max_length=2)]] | None = None
