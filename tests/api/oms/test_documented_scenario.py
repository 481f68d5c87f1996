"""The example of `docs/howto/write-a-distribution-scenario.md` is accepted as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.worlds.callers import caller
from tests.worlds.oms_planning import make_locations

PAGE = Path(__file__).resolve().parents[3] / "docs/howto/write-a-distribution-scenario.md"


@pytest.mark.django_db
def test_the_documented_scenario_is_accepted_and_can_be_switched_on():
    found = re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    body = {**json.loads(found[1]), "default_location": make_locations(1)[0]}
    planner = caller("planner")
    answer = planner.post("/distribution-scenarios/", body)
    assert (answer.status_code, answer.json().get("name")) == (201, body["name"])
    assert [rule["words"]["locations"] for rule in answer.json()["rules"]][1] == (
        "Same city as the address is yes and not (Location type is outlet)"
    )
    assert planner.post(f"/distribution-scenarios/{answer.json()['id']}/activate/", {}).status_code == 200
