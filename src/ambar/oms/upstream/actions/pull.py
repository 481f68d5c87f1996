"""Pull what is new from upstream (decision 17: keyset on modification time and id, with an overlap window)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ambar.kit import clock, failpoints, turn
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed
from ambar.oms.upstream import store
from ambar.oms.upstream.ahead import Ahead
from ambar.oms.upstream.domain import paging
from ambar.oms.upstream.text import fingerprint

LIMIT = 500
SHORT_STEP = timedelta(seconds=0.25)
"""Most rows that commit late do so within this time; a longer step would have upstream write every order time and again."""
WHOLE_TIMES = 2
"""The whole overlap is read so often while it passes: a row may commit later than another by half of it."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

Take = Callable[[Sequence[Any], str, datetime], int]


class Puller:
    """Reads one stream of upstream (`orders`, `cancellation_plans`) and remembers what it has seen lately.

    `take(records, source, now)` takes one page and returns how many records brought something new.
    """

    def __init__(
        self,
        endpoint: str,
        take: Take,
        *,
        limit: int = LIMIT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self.endpoint = endpoint
        self._take = take
        self._limit = limit
        self._seen: dict[paging.Key, datetime] = {}
        self._mark: datetime | None = None
        self._whole_at: float | None = None

    def pull(self, client: Client, *, supplier_code: str, overlap_seconds: float) -> int | None:
        """Read to the end of the list; returns how many records were new here, None when another worker reads."""
        source = client.source(self.endpoint)
        with turn.only_one(f"pull {source} {self.endpoint}") as mine:
            return self._pull(client, source, supplier_code, overlap_seconds) if mine else None

    def _pull(self, client: Client, source: str, supplier_code: str, overlap_seconds: float) -> int:
        stream = store.begin(source, self.endpoint, now=clock.now())
        start = self._start(stream.at, overlap_seconds, self._monotonic())
        error = "interrupted"
        try:
            taken = self._read(client, source, stream.id, start, supplier_code)
            error = ""
            return taken
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            store.finish(stream.id, error=error, now=clock.now())

    def _read(self, client: Client, source: str, stream_id: int, start: datetime, supplier_code: str) -> int:
        def fetch(at: datetime, page: int) -> paging.Fetched:
            params = {
                "modified_date__gte": clock.iso(at),
                "sort": "modified_date",
                "limit": self._limit,
                "page": page,
            }
            if supplier_code:
                params["supplier_code"] = supplier_code
            return _fetched(self.endpoint, client.call(self.endpoint, params=params))

        total = 0
        try:
            with Ahead(fetch, limit=self._limit) as ahead:
                for page in paging.unseen(ahead, start=start, limit=self._limit, seen=self._seen):
                    now = clock.now()
                    taken = self._take([row.record for row in page.rows], source, now)
                    failpoints.reach("intake_after_page")
                    store.advance(stream_id, at=page.at, pk=page.pk, taken=taken)
                    total += taken
        except paging.NotPaged:
            raise UpstreamFailed(
                self.endpoint, 200, "the list answers the same page again, whatever page is asked for"
            ) from None
        return total

    def _start(self, mark: datetime | None, overlap_seconds: float, at: float) -> datetime:
        """Where to begin: a short step before the mark, and every few seconds the whole overlap before it.

        Rows that upstream commits late lie within the overlap; reading all of it on every round would cost more than
        the new rows do.
        """
        if mark is None:
            self._seen.clear()
            self._whole_at = None
            return BEGINNING
        reach = timedelta(seconds=overlap_seconds)
        if self._mark is not None and mark < self._mark:
            self._seen.clear()
        self._mark = mark
        if len(self._seen) > self._limit:
            self._seen = {key: seen for key, seen in self._seen.items() if seen >= mark - reach}
        if self._whole_at is None or at - self._whole_at >= overlap_seconds / WHOLE_TIMES:
            self._whole_at = at
            return mark - reach
        return mark - min(reach, SHORT_STEP)


def _fetched(endpoint: str, answer: Any) -> paging.Fetched:
    records = answer.get("results") if isinstance(answer, dict) else answer
    if not isinstance(records, list):
        raise UpstreamFailed(endpoint, 200, f"the answer is no list: {str(answer)[:200]}")
    more = isinstance(answer, dict) and bool(answer.get("next"))
    return paging.Fetched(rows=[_row(record) for record in records], more=more)


def _row(record: Any) -> paging.Row:
    pk = record.get("pk", record.get("id")) if isinstance(record, dict) else None
    text = record.get("modified_date") if isinstance(record, dict) else None
    at = None
    if isinstance(text, str):
        try:
            at = clock.parse(text)
        except ValueError:
            at = None
    whole = isinstance(pk, int) and not isinstance(pk, bool) and at is not None
    return paging.Row(
        key=(pk, text) if whole else (fingerprint(record),), at=at, pk=pk if whole else None, record=record
    )
