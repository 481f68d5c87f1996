"""The places files that come with Omnitron (`data/SOURCES.md` names their origin and licences)."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Collection, Iterator
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


def _lines(name: str) -> Iterator[dict[str, str]]:
    """One line after another: all districts at once would take 50 MB, of which the process would keep a part for good."""
    with resources.files("ambar.omnitron.places").joinpath("data", name).open("rb") as raw:
        plain = gzip.GzipFile(fileobj=raw) if name.endswith(".gz") else raw
        with io.TextIOWrapper(plain, encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)


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
