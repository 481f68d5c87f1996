"""Trap 18: page cap, row changes while paging, same time stamp at a page edge."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from ambar.oms.upstream.domain.paging import Fetched, NotPaged, Row, unseen

T0 = datetime(2026, 1, 15, tzinfo=UTC)


class Feed:
    """A list sorted by (time, pk) that others may change between two pages."""

    def __init__(self, rows, limit, capped=None):
        self.rows = dict(rows)
        self.limit = capped or limit
        self.asked = 0
        self.between = {}

    def fetch(self, at, page):
        self.asked += 1
        self.rows.update(self.between.pop(self.asked, {}))
        found = sorted((moment, pk) for pk, moment in self.rows.items() if moment >= at)
        cut = found[(page - 1) * self.limit : page * self.limit]
        rows = [Row(key=(pk, moment), at=moment, pk=pk, record=pk) for moment, pk in cut]
        return Fetched(rows=rows, more=page * self.limit < len(found))


def read(feed, limit, seen=None):
    return read_from(feed.fetch, limit, seen)


def read_from(fetch, limit, seen=None):
    return [
        row.record
        for page in unseen(fetch, start=T0, limit=limit, seen={} if seen is None else seen)
        for row in page.rows
    ]


def at(seconds):
    return T0 + timedelta(seconds=seconds)


def test_each_record_once_over_many_pages():
    feed = Feed({pk: at(pk) for pk in range(1, 24)}, 5)
    assert read(feed, 5) == list(range(1, 24))


def test_same_time_stamp_at_the_page_edge():
    """Trap 18: the same time stamp on both sides of a page edge."""
    feed = Feed({1: at(1), 2: at(2), 3: at(2), 4: at(2), 5: at(3)}, 3)
    assert read(feed, 3) == [1, 2, 3, 4, 5]


def test_more_rows_with_one_time_stamp_than_fit_three_pages():
    """Trap 18: the page cap, with one time stamp over several pages."""
    feed = Feed({pk: at(7) for pk in range(1, 12)} | {12: at(9)}, 3)
    assert read(feed, 3) == list(range(1, 13))


def test_a_page_of_one():
    feed = Feed({1: at(1), 2: at(1), 3: at(2)}, 1)
    assert read(feed, 1) == [1, 2, 3]


def test_rows_that_move_away_within_one_time_stamp_pull_no_other_past_the_edge():
    """Trap 18: rows that move away while paging lose no other."""
    feed = Feed({pk: at(7) for pk in range(1, 8)}, 3)
    feed.between = {3: {1: at(20), 2: at(21)}}
    found = read(feed, 3)
    assert set(found) == set(range(1, 8))
    assert sorted(pk for pk in found if found.count(pk) > 1) == [1, 1, 2, 2]


def test_a_record_changed_while_reading_comes_again_in_its_new_version():
    """Trap 18: a row changes while the list is being paged."""
    feed = Feed({pk: at(pk) for pk in range(1, 7)}, 3)
    feed.between = {2: {1: at(30)}}
    assert read(feed, 3) == [1, 2, 3, 4, 5, 6, 1]


def test_the_overlap_is_dropped_the_second_time():
    feed, seen = Feed({pk: at(pk) for pk in range(1, 5)}, 3), {}
    assert read(feed, 3, seen) == [1, 2, 3, 4]
    feed.rows[5] = at(2)
    assert read(feed, 3, seen) == [5]


def test_a_page_that_failed_is_offered_again():
    feed, seen = Feed({1: at(1), 2: at(2)}, 3), {}
    first = unseen(feed.fetch, start=T0, limit=3, seen=seen)
    assert [row.record for row in next(first).rows] == [1, 2]
    first.close()
    assert read(feed, 3, seen) == [1, 2]


def test_a_list_that_caps_its_pages_lower_than_asked_is_read_to_its_end():
    """Trap 18: the page cap, lower than what is asked for."""
    feed = Feed({pk: at(pk // 9) for pk in range(1, 41)}, 10, capped=4)
    assert read(feed, 10) == list(range(1, 41))


def test_a_list_that_is_not_sorted_by_time_is_read_by_page_numbers():
    times = {1: 9, 2: 3, 3: 5, 4: 1, 5: 8, 6: 2, 7: 7}

    def fetch(start, page):
        kept = [pk for pk in times if at(times[pk]) >= start]
        cut = kept[(page - 1) * 3 : page * 3]
        rows = [Row(key=(pk,), at=at(times[pk]), pk=pk, record=pk) for pk in cut]
        return Fetched(rows=rows, more=page * 3 < len(kept))

    assert sorted(read_from(fetch, 3)) == [1, 2, 3, 4, 5, 6, 7]


def test_a_row_that_comes_twice_on_a_page_counts_once():
    twice = [Row(key=(pk,), at=at(pk), pk=pk, record=pk) for pk in (1, 2, 2, 1)]
    assert read_from(lambda start, page: Fetched(rows=twice if page == 1 else []), 9) == [1, 2]


@pytest.mark.parametrize("more", [True, False])
def test_a_list_that_answers_the_same_page_whatever_is_asked_is_not_asked_for_ever(more):
    same, asked = [Row(key=(pk,), at=at(pk), pk=pk, record=pk) for pk in (1, 2, 3)], []

    def fetch(start, page):
        asked.append(page)
        return Fetched(rows=same, more=more)

    with pytest.raises(NotPaged):
        read_from(fetch, 3)
    assert len(asked) <= 4


@pytest.mark.parametrize("way", ["in turn", "shuffled"])
def test_a_list_whose_pages_lead_back_to_earlier_ones_is_not_asked_for_ever(way):
    """`next` loops, or the page asked for is ignored and the rows come in another order each time."""
    # Not sorted by time, so that it is read by page numbers.
    pages = [
        [Row(key=(pk,), at=at(-pk), pk=pk, record=pk) for pk in range(first, first + 3)] for first in (1, 4)
    ]
    asked, dice = [], Random(1)

    def fetch(start, page):
        asked.append(page)
        assert len(asked) < 50, "asked for ever"
        if way == "in turn":
            return Fetched(rows=pages[page % 2], more=True)
        return Fetched(rows=dice.sample(pages[0], 3), more=True)

    seen = {}
    with pytest.raises(NotPaged):
        read_from(fetch, 3, seen)
    assert len(asked) == (3 if way == "in turn" else 2)
    assert set(seen) == {(pk,) for pk in (range(1, 7) if way == "in turn" else range(1, 4))}


def test_a_next_page_that_is_promised_and_empty_ends_the_list():
    one = [Row(key=(1,), at=at(1), pk=1, record=1)]
    assert read_from(
        lambda start, page: Fetched(rows=one if page == 1 and start == T0 else [], more=True), 5
    ) == [1]
