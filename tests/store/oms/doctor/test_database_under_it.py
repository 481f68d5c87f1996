"""What the doctor says of the database and the door: losing nothing, turning nobody away."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from ambar.kit import clock
from ambar.kit.rest import shed
from ambar.kit.work.worker import database_settings
from ambar.oms.doctor.actions.checks import durability, overload
from ambar.oms.doctor.domain.texts import ok, said
from ambar.oms.doctor.visit import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    return Visit(now=clock.now())


def test_a_database_that_may_forget_is_found_with_where_it_is_set(visit) -> None:
    [before] = durability.check(visit)
    name = connection.settings_dict["NAME"]
    with psycopg.connect(**database_settings(), autocommit=True) as session:
        session.execute(f'alter database "{name}" set synchronous_commit = off')
        try:
            [found] = durability.check(visit)
        finally:
            session.execute(f'alter database "{name}" reset synchronous_commit')
    assert (ok(before), ok(found)) == (True, False)
    assert "synchronous_commit is off (set for the database)" in said(found, "en")[0]
    assert "açın" in said(found, "tr")[2]


def test_requests_turned_away_are_told_with_their_number(visit) -> None:
    [before] = overload.check(visit)
    shed.add(12, now=visit.now)
    [found] = overload.check(visit)
    assert (ok(before), ok(found), found.figures) == (True, False, {"requests": 12})
    assert said(found, "en")[0].startswith("12 requests")
    assert said(found, "tr")[0].startswith("son bir saatte 12 istek")
