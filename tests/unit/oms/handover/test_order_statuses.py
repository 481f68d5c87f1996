"""How far an order has come upstream: what stands otherwise than the newest version said and than it was told since."""

from __future__ import annotations

import pytest

from ambar.oms.handover.domain.statuses import Apart, Known, There, apart, lags


def known(order, *lines, told=None):
    return Known(order=order, lines=dict(enumerate(lines, 1)), told=told or {}, is_telling=False)


def there(order, *lines):
    return There(order=order, lines=dict(enumerate(lines, 1)))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (known(400, 400, 400), there(400, 400, 400)),
        (known(400, 400, 400, told={1: 450}), there(400, 450, 400)),
        (known(400, 400, 400, told={1: 500, 2: 450}), there(450, 500, 450)),
        (known(400, 400, 100, told={1: 500}), there(500, 500, 100)),
        (known(400, 400, 400, told={1: 100, 2: 100}), there(100, 100, 100)),
        (known(550, 550, told={1: 500}), there(550, 550)),
        (known(600, 600, told={1: 100}), there(600, 600)),
        (known(50, 50, told={1: 500}), there(50, 50)),
        (known(100, 100, told={1: 450}), there(100, 100)),
        (known(400, 100, told={1: 600}), there(600, 600)),
        (known(510, 520, told={1: 500}), there(510, 520)),
        (known(520, 520, 520, told={1: 540, 2: 540}), there(520, 540, 540)),
        (known(400, 400), there(400, 400, 500)),
        (known(400, 400, 500), there(400, 400)),
    ],
)
def test_where_it_was_seen_or_told_since_nothing_differs(ours, theirs):
    assert apart(ours, theirs) == Apart()


@pytest.mark.parametrize(
    ("ours", "theirs", "fields", "is_behind"),
    [
        (known(400, 400, told={1: 500}), there(500, 450), [("line_statuses", {"1": 500}, {"1": 450})], True),
        (known(500, 500, told={1: 500}), there(400, 500), [("status", 500, 400)], True),
        (known(500, 500, told={1: 500}), there(600, 500), [("status", 500, 600)], False),
        (known(500, 500, told={1: 500}), there(500, 550), [("line_statuses", {"1": 500}, {"1": 550})], False),
        (known(500, 500, told={1: 500}), there(500, 100), [("line_statuses", {"1": 500}, {"1": 100})], False),
        (known(100, 100, told={1: 100}), there(100, 500), [("line_statuses", {"1": 100}, {"1": 500})], True),
        (known(400, 400), there(400, 350), [("line_statuses", {"1": 400}, {"1": 350})], False),
        (known(400, 400), there(350, 400), [("status", 400, 350)], False),
        (
            known(500, 500, 500, told={1: 500, 2: 500}),
            there(500, 450, 550),
            [("line_statuses", {"1": 500, "2": 500}, {"1": 450, "2": 550})],
            False,
        ),
        (
            known(500, 500, told={1: 500}),
            there(450, 450),
            [("status", 500, 450), ("line_statuses", {"1": 500}, {"1": 450})],
            True,
        ),
    ],
)
def test_what_differs_is_named_and_only_what_was_told_can_be_told_again(ours, theirs, fields, is_behind):
    found = apart(ours, theirs)
    assert (list(found.fields), found.is_behind) == (fields, is_behind)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, False),
        ({"notes": ("a", "b")}, False),
        ({"status": (500, 450)}, True),
        ({"status": (500, 550)}, False),
        ({"line_statuses": ({"1": 500, "2": 500}, {"1": 550, "2": 450})}, True),
        ({"line_statuses": ({"1": 500}, {"1": 100})}, False),
    ],
)
def test_only_where_upstream_is_behind_something_is_to_be_told_again(fields, expected):
    assert lags(fields) is expected
