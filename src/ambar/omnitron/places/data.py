"""The places files that come with Omnitron (`data/SOURCES.md` names their origin and licences)."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources

COUNTRY = ("tr", "Türkiye", "39.000000", "35.000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    code: str
    name: str
    latitude: str
    longitude: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TownshipRow:
    province: str
    name: str
    latitude: str
    longitude: str
    coordinates_estimated: bool
    postcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictRow:
    province: str
    township: str
    name: str
    postcode: str


def _lines(name: str) -> list[dict[str, str]]:
    raw = resources.files("ambar.omnitron.places").joinpath("data", name).read_bytes()
    text = gzip.decompress(raw).decode() if name.endswith(".gz") else raw.decode()
    return list(csv.DictReader(text.splitlines()))


def provinces() -> list[Province]:
    """The 81 provinces in the order of their plate codes."""
    return [
        Province(code=row["code"], name=row["name"], latitude=row["latitude"], longitude=row["longitude"])
        for row in _lines("provinces.csv")
    ]


def townships() -> list[TownshipRow]:
    """The 973 townships; those without coordinates of their own stand at their province's centre and say so."""
    return [
        TownshipRow(
            province=row["province"],
            name=row["name"],
            latitude=row["latitude"],
            longitude=row["longitude"],
            coordinates_estimated=row["coordinates_estimated"] == "1",
            postcode=row["postcode"],
        )
        for row in _lines("townships.csv")
    ]


def districts(of: Collection[str] | None = None) -> list[DistrictRow]:
    """Districts of the provinces with these plate codes; of all 81 when `of` is None."""
    return [
        DistrictRow(
            province=row["province"], township=row["township"], name=row["name"], postcode=row["postcode"]
        )
        for row in _lines("districts.csv.gz")
        if of is None or row["province"] in of
    ]
