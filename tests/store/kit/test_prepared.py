"""Prepared statements: planned once per connection, inside the caller's transaction, counted like any other."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ambar.kit import prepared

pytestmark = pytest.mark.django_db


def ask(value):
    with prepared.cursor() as cursor:
        cursor.execute("select %s::bigint + 1 as prepared_in_this_test", [value])
        return cursor.fetchone()[0]


def kept():
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), sum(generic_plans + custom_plans) from pg_prepared_statements"
            " where statement like '%%prepared_in_this_test%%'",
            [],
        )
        return cursor.fetchone()


def test_a_statement_is_prepared_once_and_used_again():
    assert [ask(n) for n in (1, 2, 3)] == [2, 3, 4]
    assert kept() == (1, 3)


def test_it_sees_and_leaves_the_callers_transaction():
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("create temporary table seen_by_prepared (n int) on commit drop")
        with prepared.cursor() as cursor:
            cursor.execute("insert into seen_by_prepared values (%s::int)", [7])
        with connection.cursor() as cursor:
            cursor.execute("select n from seen_by_prepared")
            assert cursor.fetchall() == [(7,)]


def test_its_errors_are_djangos():
    with pytest.raises(DataError), transaction.atomic():
        ask("not a number")
    assert ask(1) == 2


def test_it_counts_as_a_query():
    with CaptureQueriesContext(connection) as seen:
        ask(1)
    assert len(seen) == 1


def test_words_are_written_as_an_array_and_anything_else_is_refused():
    with prepared.cursor() as cursor:
        cursor.execute("select %s::text[]", [prepared.words(["planned", "a:b-c.d", "0af3"])])
        assert cursor.fetchone()[0] == ["planned", "a:b-c.d", "0af3"]
    assert prepared.words([]) == "{}"
    for bad in ('say "no"', "a,b", "", "{}", "a b", "ı"):
        with pytest.raises(ValueError):
            prepared.words(["good", bad])
