"""Prepared statements: planned once per connection, inside the caller's transaction, counted like any other."""

import psycopg
import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ambar.kit import pool, prepared
from ambar.kit.work.worker import database_settings

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


def plan():
    with connection.cursor() as cursor:
        cursor.execute(
            "select name from pg_prepared_statements where statement like '%%planned_in_this_test%%'", []
        )
        (name,) = cursor.fetchone()
        cursor.execute(f"explain (costs off) execute {name} (1)")
        return " ".join(line for (line,) in cursor.fetchall())


def use():
    with prepared.cursor() as cursor:
        cursor.execute("select n from planned_in_this_test where n = %s::int", [1])


@pytest.fixture
def planned(monkeypatch):
    """A statement whose plan PostgreSQL keeps, though it would make another one now; and the clock."""
    now = [1000.0]
    monkeypatch.setattr("ambar.kit.prepared.time.monotonic", lambda: now[0])
    connection.ensure_connection()
    connection.connection.ambar_plans = (0, now[0])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("create temporary table planned_in_this_test (n int primary key) on commit drop")
            cursor.execute("set local plan_cache_mode = force_generic_plan")
            cursor.execute("set local enable_indexscan = off")
            cursor.execute("set local enable_bitmapscan = off")
            cursor.execute("set local enable_indexonlyscan = off")
        use()
        with connection.cursor() as cursor:
            cursor.execute("set local enable_indexscan = on")
            cursor.execute("set local enable_seqscan = off")
        use()
        assert "Seq Scan" in plan()
        yield now


def test_plans_are_made_anew_when_a_connection_was_used_twice_as_often(planned):
    for _ in range(prepared.FEWEST_USES - 3):
        use()
    assert "Seq Scan" in plan()
    use()
    assert "Index Scan" in plan()


def test_plans_are_made_anew_after_a_minute(planned):
    planned[0] += prepared.PLANNED_SECONDS + 1
    use()
    assert "Index Scan" in plan()


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


def test_texts_and_numbers_may_be_missing():
    with prepared.cursor() as cursor:
        cursor.execute(
            "select %s::text[], %s::bigint[]",
            [prepared.texts(["null", None, ""]), prepared.numbers([None, 7])],
        )
        assert cursor.fetchone() == (["null", None, ""], [None, 7])


def texts_kept():
    """Texts of statements that the driver keeps with the present connection."""
    driver = connection.connection._prepared
    return [query for query, _ in [*driver._counts, *driver._names]]


def test_a_connection_handed_out_keeps_no_statement_but_prepared_ones():
    connection.ensure_connection()
    pool.check(connection.connection)
    before = len(texts_kept())
    for n in range(3):
        with connection.cursor() as cursor:
            cursor.execute("select %s", ["x" * 1000 + str(n)])
        ask(n)
    kept_now = texts_kept()
    assert len(kept_now) == before + 1 and not [text for text in kept_now if b"xxxx" in text]
    assert kept() == (1, 3)


def test_what_changes_a_table_ends_what_was_prepared_on_it():
    """PostgreSQL refuses a prepared statement whose columns are others now; the driver gives it up in time."""
    connection.ensure_connection()
    pool.check(connection.connection)
    with connection.cursor() as cursor:
        cursor.execute("create temporary table changed_later (n int) on commit drop")
    for wanted in ([], [("n",), ("more",)]):
        with prepared.cursor() as cursor:
            cursor.execute("select * from changed_later where n > %s::int", [0])
            assert not wanted or [(column.name,) for column in cursor.description] == wanted
        with connection.cursor() as cursor:
            cursor.execute("alter table changed_later add column if not exists more int")


def test_what_was_prepared_before_stays_prepared():
    with psycopg.connect(
        **{
            **database_settings(),
            "cursor_factory": psycopg.Cursor,
            "autocommit": True,
            "prepare_threshold": 7,
        }
    ) as one:
        one.execute("select 1 as before", prepare=True)
        prepared.count_nothing(one)
        prepared.count_nothing(one)
        one.execute("select 1 as before", prepare=True)
        one.execute("select 2 as after", prepare=True)
        assert one.prepare_threshold == 7
        names = one.execute("select name from pg_prepared_statements order by 1").fetchall()
    assert len(names) == 2
