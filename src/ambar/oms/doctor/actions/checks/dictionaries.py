"""Step 4: the address dictionaries are equal in count and content.

Our Seller Center tells a digest per bucket of ids, so that equal dictionaries cost two requests. A foreign one is read
as far as a bound, on demand only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ambar.kit import digests
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.omnitron_client.domain.routing import SELLER_CENTER, source
from ambar.oms.places import digests as here
from ambar.oms.places.actions.copy_dictionaries import NAMES
from ambar.oms.places.domain.naming import LEVELS

PAGE = 1000
MOST_PAGES = 64
"""So much of one dictionary of a foreign Seller Center is read to compare it."""
Row = tuple[int, str, str, bool]
PARENT_OF = {"country": "", "city": "country", "township": "city", "district": "township"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One dictionary as it stands on both sides; `buckets` are those that differ."""

    here: int
    upstream: int
    buckets: tuple[int, ...]


def check(visit: Visit) -> list[Finding]:
    """A finding per dictionary."""
    digested = _digested(visit)
    return [_level(visit, level, digested) for level in LEVELS]


def differences(visit: Visit, level: str) -> Difference | None:
    """How a level differs by its digests; None when this Seller Center tells none."""
    digested = _digested(visit)
    return None if digested is None else _compared(visit, level, digested)


def rows_upstream(visit: Visit, level: str, bucket: int) -> list[dict[str, Any]] | None:
    """The rows of one bucket as upstream lists them; None when they can't be read."""
    first = bucket * digests.BUCKET
    params = {"pk__gt": first - 1, "sort": "id", "limit": digests.BUCKET}
    rows = _page(visit, NAMES[level], params)
    if rows is None:
        return None
    last = first + digests.BUCKET
    return [row for row in rows if isinstance(_id(row), int) and first <= _id(row) < last]


def _digested(visit: Visit) -> dict[str, Any] | None:
    home = visit.home()
    if home is None or visit.told_by(home) is None or visit.settings is None:
        return None
    entry = visit.settings.redirects.get("countries", home)
    answer = visit.probe.ask("GET", f"{entry.base_url.rstrip('/')}/doctor/places/", entry.token)
    return answer.payload if answer.good and isinstance(answer.payload, dict) else None


def _compared(visit: Visit, level: str, digested: dict[str, Any]) -> Difference:
    assert visit.settings is not None
    ours = here.of_level(level, source(visit.settings, "countries"))
    theirs = {
        int(row["bucket"]): here.Bucket(int(row["bucket"]), int(row["count"]), str(row["digest"]))
        for row in digested.get(level, ())
    }
    return Difference(
        here=sum(bucket.count for bucket in ours.values()),
        upstream=sum(bucket.count for bucket in theirs.values()),
        buckets=tuple(sorted(n for n in {*ours, *theirs} if ours.get(n) != theirs.get(n))),
    )


def _level(visit: Visit, level: str, digested: dict[str, Any] | None) -> Finding:
    name, dictionary = f"dictionary.{NAMES[level]}", {"dictionary": NAMES[level]}
    if digested is None:
        return _foreign(visit, level, name)
    found = _compared(visit, level, digested)
    if not found.buckets:
        return Finding(step=4, name=name, code="places_equal", figures=dictionary | {"count": found.here})
    return _differs(visit, level, name, found)


def _differs(visit: Visit, level: str, name: str, found: Difference) -> Finding:
    assert visit.settings is not None
    if found.here != found.upstream:
        return Finding(
            step=4,
            name=name,
            code="places_short",
            figures={"dictionary": NAMES[level], "here": found.here, "upstream": found.upstream},
            remedy="copy_places",
        )
    sample = next(_named(visit, level, found.buckets), None)
    if sample is None:
        first = found.buckets[0] * digests.BUCKET
        sample = f"#{first} … #{first + digests.BUCKET - 1}"
    return Finding(
        step=4,
        name=name,
        code="places_differ",
        figures={"dictionary": NAMES[level], "count": found.here, "sample": sample},
        remedy="copy_places",
    )


def _named(visit: Visit, level: str, buckets: Sequence[int]) -> Iterator[str]:
    """The rows that differ, as a person knows them: upstream's that are otherwise here, then those only we have."""
    assert visit.settings is not None
    for bucket in buckets:
        rows = rows_upstream(visit, level, bucket)
        if rows is None:
            continue
        ours = here.rows_of(level, source(visit.settings, "countries"), bucket)
        yield from (
            f"#{_id(row)} {row.get('name')}" for row in rows if ours.get(_id(row)) != _row(level, row)
        )
        there = {_id(row) for row in rows}
        yield from (f"#{pk} {ours[pk][1]}" for pk in sorted(ours) if pk not in there)


def _foreign(visit: Visit, level: str, name: str) -> Finding:
    assert visit.settings is not None
    figures: dict[str, object] = {"dictionary": NAMES[level]}
    if source(visit.settings, NAMES[level]) != SELLER_CENTER:
        # What Omnitron has is no dictionary of the Seller Center's: to copy it would leave a second one here.
        figures |= {"problem": "its endpoint is missing", "problem_tr": "uç noktası eksik"}
        return Finding(step=4, name=name, code="places_untold", figures=figures)
    theirs = _count(visit, level)
    if theirs is None:
        figures |= {"problem": "it can't be counted", "problem_tr": "sayılamıyor"}
        return Finding(step=4, name=name, code="places_untold", figures=figures)
    ours = here.of_level(level, source(visit.settings, "countries"))
    count = sum(bucket.count for bucket in ours.values())
    if count != theirs:
        return Finding(
            step=4,
            name=name,
            code="places_short",
            figures=figures | {"here": count, "upstream": theirs},
            remedy="copy_places",
        )
    if not visit.deep or count > PAGE * MOST_PAGES:
        return Finding(step=4, name=name, code="places_counted", figures=figures | {"count": count})
    for row in _unlike(visit, level):
        figures |= {"count": count, "sample": f"#{_id(row)} {row.get('name')}"}
        return Finding(step=4, name=name, code="places_differ", figures=figures, remedy="copy_places")
    return Finding(step=4, name=name, code="places_equal", figures=figures | {"count": count})


def _unlike(visit: Visit, level: str) -> Iterator[dict[str, Any]]:
    """The rows of a foreign dictionary that are not the same here, page by page; a statement per bucket of ids."""
    assert visit.settings is not None
    system = source(visit.settings, "countries")
    for rows in _pages(visit, level):
        for bucket, group in groupby(rows, key=lambda row: int(_id(row)) // digests.BUCKET):
            ours = here.rows_of(level, system, bucket)
            yield from (row for row in group if ours.get(_id(row)) != _row(level, row))


def _count(visit: Visit, level: str) -> int | None:
    name = NAMES[level]
    if level != "city":
        payload = visit.ask(f"{name}_count").payload
        count = payload.get("count") if isinstance(payload, dict) else None
        return count if isinstance(count, int) else None
    answer = visit.ask(name, params={"limit": 1})
    if isinstance(answer.payload, list):
        return len(answer.payload)
    count = answer.payload.get("count") if isinstance(answer.payload, dict) else None
    return count if answer.good and isinstance(count, int) else None


def _pages(visit: Visit, level: str) -> Iterator[list[dict[str, Any]]]:
    for page in range(1, MOST_PAGES + 1):
        rows = _page(visit, NAMES[level], {"sort": "id", "page": page, "limit": PAGE})
        if not rows:
            return
        yield [row for row in rows if isinstance(_id(row), int)]
        if len(rows) < PAGE:
            return


def _page(visit: Visit, name: str, params: dict[str, Any]) -> list[dict[str, Any]] | None:
    answer = visit.ask(name, params=params)
    rows = answer.payload.get("results") if isinstance(answer.payload, dict) else answer.payload
    return [row for row in rows if isinstance(row, dict)] if answer.good and isinstance(rows, list) else None


def _id(row: dict[str, Any]) -> Any:
    return row.get("pk", row.get("id"))


def _row(level: str, row: dict[str, Any]) -> Row:
    """A listed row as the copy would keep it."""
    parent = row.get(PARENT_OF[level]) if PARENT_OF[level] else 0
    if isinstance(parent, dict):
        parent = parent.get("pk", parent.get("id"))
    code = str(row.get("code") or "")[:8] if level == "country" else ""
    return (
        parent if isinstance(parent, int) else 0,
        str(row.get("name") or "").strip(),
        code,
        row.get("is_active", True) is not False,
    )
