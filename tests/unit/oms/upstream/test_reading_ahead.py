"""The next page is asked for while the present one is written, and never a page more than reading without it would ask for."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from ambar.oms.upstream.ahead import Ahead
from ambar.oms.upstream.domain.paging import Fetched, Row, unseen
from tests.worlds.waiting import LONG_SECONDS

T0 = datetime(2026, 1, 15, tzinfo=UTC)


def listing(times, limit, asked):
    def fetch(at, page):
        asked.append((at, page, threading.current_thread() is threading.main_thread()))
        kept = [pk for pk, moment in sorted(times.items(), key=lambda one: (one[1], one[0])) if moment >= at]
        cut = kept[(page - 1) * limit : page * limit]
        return Fetched(
            rows=[Row(key=(pk,), at=times[pk], pk=pk, record=pk) for pk in cut], more=page * limit < len(kept)
        )

    return fetch


def read(fetch, limit):
    return [row.record for page in unseen(fetch, start=T0, limit=limit, seen={}) for row in page.rows]


@pytest.mark.parametrize("same_second", [1, 3, 9])
def test_the_same_rows_by_the_same_questions(same_second):
    times = {pk: T0 + timedelta(seconds=pk // same_second) for pk in range(1, 40)}
    plain, ahead = [], []
    rows = read(listing(times, 4, plain), 4)
    with Ahead(listing(times, 4, ahead), limit=4) as fetch:
        assert read(fetch, 4) == rows == sorted(times)
    assert {one[:2] for one in ahead} == {one[:2] for one in plain}
    assert any(not in_main for *_, in_main in ahead)


def test_the_next_page_is_under_way_before_it_is_asked_for():
    times = {pk: T0 + timedelta(seconds=pk) for pk in range(1, 9)}
    second, fetch = threading.Event(), listing(times, 4, [])

    def noting(at, page):
        if at > T0:
            second.set()
        return fetch(at, page)

    with Ahead(noting, limit=4) as ahead:
        ahead(T0, 1)
        assert second.wait(LONG_SECONDS)


def test_what_went_wrong_ahead_is_raised_when_its_page_is_asked_for():
    times = {pk: T0 + timedelta(seconds=pk) for pk in range(1, 9)}
    fetch = listing(times, 4, [])

    def failing(at, page):
        if at > T0:
            raise ConnectionError("gone")
        return fetch(at, page)

    with Ahead(failing, limit=4) as ahead:
        first = ahead(T0, 1)
        assert len(first.rows) == 4
        with pytest.raises(ConnectionError):
            ahead(first.rows[-1].at, 1)
        assert len(ahead(T0, 2).rows) == 4
