"""What `docs/howto/` says about transfer scenarios and findings is what the code does."""

import json
import re
from pathlib import Path

import pytest

from ambar.oms.scenarios.domain.lint import TEXTS
from tests.worlds.callers import caller

PAGES = Path(__file__).resolve().parents[4] / "docs/howto"


@pytest.mark.django_db
def test_the_documented_transfer_scenario_is_accepted_and_can_be_switched_on():
    found = re.search(r"```json\n(.*?)```", (PAGES / "write-a-transfer-scenario.md").read_text(), re.DOTALL)
    assert found is not None
    planner = caller("planner")
    answer = planner.post("/transfer-scenarios/", json.loads(found[1]))
    assert (answer.status_code, answer.json().get("name")) == (201, "Stores help each other")
    switched = planner.post(f"/transfer-scenarios/{answer.json()['id']}/activate/", {"note": "from today on"})
    assert (switched.status_code, switched.json()["is_active"]) == (200, True)


def test_every_finding_is_on_its_page_with_its_severity():
    page = (PAGES / "find-faults-in-scenarios.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", page, re.M))
    assert rows == {code: text.severity for code, text in TEXTS.items()}
