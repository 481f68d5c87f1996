"""Pull what is new from upstream (decision 17: keyset on modification time and id, with an overlap window)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ambar.kit import clock, failpoints, turn
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed
from ambar.oms.upstream import own_versions, store
from ambar.oms.upstream.ahead import Ahead
from ambar.oms.upstream.domain import paging, versions
from ambar.oms.upstream.set_back import SetBack
from ambar.oms.upstream.text import fingerprint

LIMIT = 200
"""Orders of a page. A page parsed takes some 50 KB an order, twice while the next one is asked for; larger ones are hardly faster."""
SHORTEST_STEP = timedelta(seconds=0.05)
SHORT_STEP, SHORT_SECONDS = timedelta(seconds=1), 1.0
"""So far back, and so often, for rows that commit a little late. Each time upstream writes all of these orders again."""
STILL_SECONDS = 3.0
"""Not any more once nothing has come for so long: what commits later than that is found where the whole overlap is read."""
ORDERS = "orders"
VERSION = "pk,modified_date"
"""What tells one version of a record from another."""
PATIENT_MS = 3000
"""Whoever reads with less patience does not ask to wait."""
WHOLE_TIMES = 2
"""The whole overlap is read so often while it passes: a row may commit later than another by half of it."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
NOWHERE = (datetime(1, 1, 1, tzinfo=UTC), 0)

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
        self._short_at = self._moved_at = 0.0
        self._asks_to_wait = True
        self._runs_ahead = False
        self._leaves_out = False
        self._set_back = SetBack()
        self._named: list[tuple[datetime, int]] = []
        self.waited_for = False
        """Whether upstream held its last answer back until there was something new, or for as long as it does that."""

    def pull(self, client: Client, *, supplier_code: str, overlap_seconds: float) -> int | None:
        """Read to the end of the list; returns how many records were new here, None when another worker reads."""
        source = client.source(self.endpoint)
        with turn.only_one(f"pull {source} {self.endpoint}") as mine:
            return self._pull(client, source, supplier_code, overlap_seconds) if mine else None

    def _pull(self, client: Client, source: str, supplier_code: str, overlap_seconds: float) -> int:
        read_from = f"{client.root(self.endpoint)} {supplier_code}"
        stream = store.begin(source, self.endpoint, now=clock.now(), read_from=read_from)
        if self.endpoint == ORDERS:
            self._seen.update(own_versions.take(source))
        begun = self._monotonic()
        start = self._start(stream.at, overlap_seconds, begun)
        error = "interrupted"
        try:
            start = self._without_looking_back(client, stream.at, start, supplier_code)
            # A pull that looks far back is answered at once anyhow, with what is known already.
            after = stream.at if stream.at and stream.at - start <= SHORT_STEP else None
            if self._runs_ahead:
                # There is always something newer than the mark: to wait for it would be to ask without a pause.
                after = None
            taken = self._read(client, source, stream.id, start, supplier_code, after, overlap_seconds)
            taken += self._read_set_back(client, source, stream, supplier_code, overlap_seconds, begun)
            error = ""
            return taken
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            store.finish(stream.id, error=error, now=clock.now())

    def _read(
        self,
        client: Client,
        source: str,
        stream_id: int,
        start: datetime,
        supplier_code: str,
        after: datetime | None,
        overlap_seconds: float,
    ) -> int:
        self.waited_for = False
        latest = clock.now() + timedelta(seconds=overlap_seconds)
        self._runs_ahead = False

        def fetch(at: datetime, page: int) -> paging.Fetched:
            params = self._params(at, page, supplier_code)
            if after is not None and (at, page) == (start, 1):
                fetched = self._fetched_in_time(client, params, at, after)
            else:
                fetched = self._fetched(client, params, at)
            self._runs_ahead |= any(row.at is not None and row.at > latest for row in fetched.rows)
            return fetched

        total, mark, reached = 0, NOWHERE, NOWHERE

        def wanted(at: datetime, page: int) -> paging.Fetched:
            nonlocal reached
            fetched = ahead(at, page)
            if self.endpoint == ORDERS:
                self._seen.update(own_versions.take(source))
            reached = max(reached, fetched.furthest(until=latest) or NOWHERE)
            return fetched

        try:
            with Ahead(fetch, limit=self._limit) as ahead:
                for page in paging.unseen(wanted, start=start, limit=self._limit, seen=self._seen):
                    now = clock.now()
                    taken = self._take([row.record for row in page.rows], source, now)
                    failpoints.reach("intake_after_page")
                    at, pk = paging.furthest(page.rows, until=latest)
                    store.advance(stream_id, at=at, pk=pk, taken=taken)
                    mark = max(mark, (at, pk or 0) if at is not None else NOWHERE)
                    total += taken
        except paging.NotPaged:
            raise _circular(self.endpoint) from None
        if reached[0] > max(mark[0], self._mark or BEGINNING):
            # The list was read to its end: what is further than what it brought is known here already.
            store.advance(stream_id, at=reached[0], pk=reached[1], taken=0)
        return total

    def _read_set_back(
        self,
        client: Client,
        source: str,
        stream: store.Stream,
        supplier_code: str,
        overlap_seconds: float,
        begun: float,
    ) -> int:
        """Take what upstream stamps before the mark because its clock went back."""
        now, total = clock.now(), 0
        pages = self._set_back.unseen(
            lambda at, page: self._fetched(client, self._params(at, page, supplier_code), at),
            told=client.told_time(self.endpoint),
            mark=stream.at,
            away=now - (stream.succeeded_at or now),
            at=begun,
            overlap=timedelta(seconds=overlap_seconds),
            limit=self._limit,
        )
        try:
            for page in pages:
                taken = self._take([row.record for row in page.rows], source, now)
                store.advance(stream.id, at=None, pk=None, taken=taken)
                total += taken
        except paging.NotPaged:
            raise _circular(self.endpoint) from None
        return total

    def _params(self, at: datetime, page: int, supplier_code: str) -> dict[str, Any]:
        params = {
            "modified_date__gte": clock.iso(at),
            "sort": "modified_date",
            "limit": self._limit,
            "page": page,
        }
        return {**params, "supplier_code": supplier_code} if supplier_code else params

    def _without_looking_back(
        self, client: Client, mark: datetime | None, start: datetime, supplier_code: str
    ) -> datetime:
        """`start`, or a moment before the mark where all versions between the two are known already.

        An upstream that knows `fields` answers hundreds of versions for the price of a few orders; another answers the orders.
        """
        if mark is None or not self._seen or mark - start <= SHORTEST_STEP:
            return start

        def fetch(at: datetime, page: int) -> paging.Fetched:
            params = {**self._params(at, page, supplier_code), "fields": VERSION}
            return self._fetched(client, params, at)

        ordinary = mark - SHORTEST_STEP
        try:
            for page in paging.unseen(fetch, start=start, limit=self._limit, seen=dict(self._seen)):
                # What came after the mark is read in its turn.
                if any(row.at is None or row.at < ordinary for row in page.rows):
                    return start
        except paging.NotPaged:
            return start
        return ordinary

    def _fetched_in_time(
        self, client: Client, params: dict[str, Any], at: datetime, after: datetime
    ) -> paging.Fetched:
        """The first page; an upstream that offers `wait_after` answers as soon as something has changed after that moment.

        One that does not know it ignores it, or refuses it: then it is not asked for again.
        """
        if self._asks_to_wait and client.settings.read_ms >= PATIENT_MS:
            try:
                fetched = self._fetched(client, {**params, "wait_after": clock.iso(after)}, at)
            except UpstreamFailed as failure:
                if failure.status != 400:
                    raise
                self._asks_to_wait = False
            else:
                self.waited_for = fetched.waited
                return fetched
        return self._fetched(client, params, at)

    def _fetched(self, client: Client, params: dict[str, Any], at: datetime) -> paging.Fetched:
        """A page from `at` on, without the versions known here where upstream leaves them out.

        Whether it does, it tells with each answer; to one that has not told none is named.
        """
        if params["page"] == 1:
            self._named = self._known(at) if self._leaves_out else []
        # Further pages of one moment are counted in the list that was asked for, whatever has become known since.
        named = self._named
        headers = {versions.HEADER: versions.named(named)} if self.endpoint == ORDERS else None
        answer = client.call(self.endpoint, params=params, headers=headers)
        self._leaves_out = isinstance(answer, dict) and isinstance(answer.get("known"), int)
        return _fetched(self.endpoint, answer, named if self._leaves_out else [])

    def _known(self, at: datetime) -> list[tuple[datetime, int]]:
        """The first of the versions known from `at` on; time and id."""
        known = [(seen, key[0]) for key, seen in list(self._seen.items()) if seen >= at and len(key) > 1]
        return sorted(known)[: versions.MOST_NAMED]

    def _start(self, mark: datetime | None, overlap_seconds: float, at: float) -> datetime:
        """Where to begin: a moment before the mark, once a second a second before it while something comes, every few seconds the
        whole overlap.

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
        if mark != self._mark:
            self._moved_at = at
        self._mark = mark
        if len(self._seen) > self._limit:
            self._seen = {key: seen for key, seen in self._seen.items() if seen >= mark - reach}
        if self._whole_at is None or at - self._whole_at >= overlap_seconds / WHOLE_TIMES:
            self._whole_at = self._short_at = at
            return mark - reach
        if at - self._short_at >= SHORT_SECONDS and at - self._moved_at <= STILL_SECONDS:
            self._short_at = at
            return mark - min(reach, SHORT_STEP)
        return mark - min(reach, SHORTEST_STEP)


def _circular(endpoint: str) -> UpstreamFailed:
    return UpstreamFailed(
        endpoint, 200, "the list answers the same page again, or an earlier one, whatever page is asked for"
    )


def _fetched(endpoint: str, answer: Any, left_out: Sequence[tuple[datetime, int]]) -> paging.Fetched:
    records = answer.get("results") if isinstance(answer, dict) else answer
    if not isinstance(records, list):
        raise UpstreamFailed(endpoint, 200, f"the answer is no list: {str(answer)[:200]}")
    return paging.Fetched(
        rows=[_row(record) for record in records],
        more=isinstance(answer, dict) and bool(answer.get("next")),
        waited=isinstance(answer, dict) and "wait_after" in answer,
        left_out=left_out,
    )


def _row(record: Any) -> paging.Row:
    pk = record.get("pk", record.get("id")) if isinstance(record, dict) else None
    text = record.get("modified_date") if isinstance(record, dict) else None
    at = None
    if isinstance(text, str):
        try:
            at = clock.parse(text)
        except ValueError:
            at = None
    # What is no id of an order has no place in the mark either: the row is told by what is in it.
    whole = isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63 and at is not None
    return paging.Row(
        key=(pk, text) if whole else (fingerprint(record),), at=at, pk=pk if whole else None, record=record
    )
