"""The settings and hooks of `docs/tutorial/integrate-oms-with-seller-center.md` are those the product takes and makes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ambar.oms.setup import integration_plan as plans
from tests.worlds import oms_upstream as world

PAGE = (Path(__file__).resolve().parents[3] / "docs/tutorial/integrate-oms-with-seller-center.md").read_text()
SETTINGS = "/api/v1/oms/settings/application_settings/"
BLOCKS = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", BLOCKS, ids=lambda body: str(body["key"]))
def test_the_settings_are_taken_as_they_stand_on_the_page(body):
    world.forget()
    answer = world.caller("admin", name="chief").post(SETTINGS, body)
    assert answer.status_code == 201, answer.content
    world.forget()


def test_the_settings_are_the_golden_ones():
    assert [block["key"] for block in BLOCKS] == ["OMNITRON_CLIENT_SETTINGS", "SELLER_CENTER_SETTINGS"]
    for block in BLOCKS:
        assert block == json.loads((world.CONTRACTS / f"settings/{block['key']}.json").read_text())


def test_the_page_lists_the_nine_hooks_that_integrate_registers():
    listed = re.findall(r"^\| `(package\.[a-z_.]+)` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted([plans.PACKAGE_CREATED, *plans.PACKAGE_STATUSES])
    (looped,) = re.findall(r"for status in ([a-z_ ]+); do", PAGE)
    assert [f"package.status.{status}" for status in looped.split()] == list(plans.PACKAGE_STATUSES)


def test_the_page_lists_the_six_hooks_that_are_switched_off():
    step = PAGE[PAGE.index("## Step 1") : PAGE.index("## Step 2")]
    assert {event for event in plans.OMNITRON_EVENTS if f"`{event}`" in step} == set(plans.OMNITRON_EVENTS)
