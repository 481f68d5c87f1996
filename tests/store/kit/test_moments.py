"""Moments from the database are read by the standard library, and are those Django's own loader reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg import adapters
from psycopg.pq import Format

from ambar.kit.moments import MomentLoader

pytestmark = pytest.mark.django_db(transaction=True)
OID = adapters.types["timestamptz"].oid


class Before(BaseTzLoader):
    timezone = UTC


def test_connections_read_moments_so():
    connection.ensure_connection()
    assert connection.connection.adapters.get_loader(OID, Format.TEXT) is MomentLoader


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-28 23:30:00+00",
        "2026-03-28 23:30:00.1+00",
        "2026-03-28 23:30:00.123456+00",
        "2026-03-29 01:30:00.120+02",
        "2026-03-29 05:00:00.000001+05:30",
        "0001-01-01 00:00:00+00",
        "9999-12-31 23:59:59.999999+00",
    ],
)
def test_a_moment_is_the_one_django_reads(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        moment = cursor.fetchone()[0]
    assert moment == datetime.fromisoformat(text) and moment.tzinfo is UTC
    read = [loader(OID, connection.connection).load(text.encode()) for loader in (MomentLoader, Before)]
    assert read == [moment, moment] and {one.tzinfo for one in read} == {UTC}


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 12:00:00+00 BC"])
def test_what_python_has_no_moment_for_is_refused_as_before(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        with pytest.raises(DataError):
            cursor.fetchone()
