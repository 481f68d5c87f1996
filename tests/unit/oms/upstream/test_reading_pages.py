"""Trap 18: page cap, row changes while paging, same time stamp at a page edge."""

from datetime import UTC, datetime, timedelta

from ambar.oms.upstream.domain.paging import Row, unseen

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
        return [Row(key=(pk, moment), at=moment, pk=pk, record=pk) for moment, pk in cut]


def read(feed, limit, seen=None):
    return [
        row.record
        for page in unseen(feed.fetch, start=T0, limit=limit, seen={} if seen is None else seen)
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
