"""The two systems around the OMS, started once for all files here."""

import os

import pytest

from ambar.oms.states import queries as states
from tests.worlds import oms_integration as world


@pytest.fixture(scope="package")
def around(tmp_path_factory):
    if "AMBAR_TEST_SERVER" not in os.environ:
        pytest.skip("needs a PostgreSQL server (AMBAR_TEST_SERVER)")
    with world.two_systems(tmp_path_factory.mktemp("around")) as started:
        yield started


@pytest.fixture
def admin(around, db):
    states.forget()
    yield world.integrate(around)
    states.forget()
    world.oms_upstream.forget()
