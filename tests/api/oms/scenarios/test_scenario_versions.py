"""Versions of a scenario: every act is kept, one call goes back, two editors do not overwrite each other."""

import pytest

from ambar.oms.scenarios.queries import rules_snapshot
from tests.worlds.callers import caller
from tests.worlds.oms_planning import location, make_locations, make_rule

pytestmark = pytest.mark.django_db
PATHS = {"distribution": "/distribution-scenarios/", "transfer": "/transfer-scenarios/"}
TRANSFER_RULE = {"name": "from anywhere", "selectors": ["SELECT_BY_STOCK"]}


@pytest.fixture
def planner():
    return caller("planner")


@pytest.fixture(params=PATHS)
def kind(request):
    return request.param


@pytest.fixture
def made(planner, kind):
    return create(planner, kind)


def create(planner, kind, name="W", **given):
    body = {"name": name, "note": "first", **given}
    if kind == "distribution":
        body |= {"default_location": make_locations(1)[0], "rules": [make_rule(name="a"), make_rule(name="b", split_policy="whole_lines")]}  # fmt: skip
    else:
        body |= {"rules": [{**TRANSFER_RULE, "name": "a"}, {**TRANSFER_RULE, "name": "b"}]}
    answer = planner.post(PATHS[kind], body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def versions(planner, kind, scenario_id):
    return planner.get(f"{PATHS[kind]}{scenario_id}/versions/").json()["results"]


def test_every_act_is_kept_with_author_note_and_time(planner, kind, made):
    path = f"{PATHS[kind]}{made['id']}/"
    planner.post(f"{path}activate/", {"note": "go"})
    active_hash = rules_snapshot()[0]
    planner.patch(path, {"priority": 5, "note": "sooner"})
    planner.patch(path, {"priority": 5, "note": "the same again"})
    planner.post(f"{path}deactivate/", {})
    kept = versions(planner, kind, made["id"])
    assert [(row["version"], row["act"], row["is_active"], row["author"], row["note"]) for row in kept] == [
        (4, "deactivated", False, "planner", ""),
        (3, "changed", True, "planner", "sooner"),
        (2, "activated", True, "planner", "go"),
        (1, "created", False, "planner", "first"),
    ]
    assert kept[2]["rules_hash"] == active_hash
    assert kept[3]["rules_hash"] == kept[0]["rules_hash"] != active_hash
    third = planner.get(f"{path}versions/3/").json()
    assert (third["changed"], third["body"]["priority"]) == (["priority"], 5)
    assert planner.get(f"{path}versions/9/").status_code == 404
    assert planner.get(f"{PATHS[kind]}987654/versions/").status_code == 404


def test_going_back_is_one_call_and_plans_exactly_as_before(planner, kind, made):
    path = f"{PATHS[kind]}{made['id']}/"
    planner.post(f"{path}activate/", b"")
    before, ids = rules_snapshot()[0], [rule["id"] for rule in made["rules"]]
    changed = planner.patch(path, {"description": "worse", "priority": 1, "rules": made["rules"][1:] and [{k: v for k, v in made["rules"][1].items() if k not in ("id", "words")}]})  # fmt: skip
    assert [rule["id"] for rule in changed.json()["rules"]] == ids[1:]
    assert rules_snapshot()[0] != before
    answer = planner.post(f"{path}go-back/", {"version": 2, "note": "it was better"})
    assert answer.status_code == 200, answer.json()
    back = answer.json()
    assert (back["description"], back["priority"], back["is_active"], back["version"]) == ("", 100, True, 4)
    assert [rule["name"] for rule in back["rules"]] == ["a", "b"]
    bodies = [planner.get(f"{path}versions/{n}/").json()["body"] for n in (2, 4)]
    assert bodies[0] == bodies[1]
    assert versions(planner, kind, made["id"])[0]["act"] == "went_back"
    assert planner.post(f"{path}go-back/", {"version": 17}).status_code == 404


def test_going_back_leaves_an_inactive_scenario_inactive(planner, kind, made):
    path = f"{PATHS[kind]}{made['id']}/"
    planner.post(f"{path}activate/", {})
    planner.post(f"{path}deactivate/", {})
    planner.patch(path, {"priority": 7})
    assert planner.post(f"{path}go-back/", {"version": 2}).json()["is_active"] is False


def test_going_back_to_a_location_that_is_closed_since_is_refused_by_its_field(planner):
    made = create(planner, "distribution")
    first, second = make_locations(2)
    path = f"{PATHS['distribution']}{made['id']}/"
    assert planner.patch(path, {"default_location": second}).status_code == 200
    closed = location(first)
    closed.is_active = False
    closed.save()
    answer = planner.post(f"{path}go-back/", {"version": 1})
    assert (answer.status_code, list(answer.json())) == (400, ["default_location"])


def test_two_editors_do_not_overwrite_each_other(planner, kind, made):
    path = f"{PATHS[kind]}{made['id']}/"
    other = caller("admin", username="ayse")
    assert other.patch(path, {"priority": 1, "expected_version": 1}).json()["version"] == 2
    answer = planner.patch(path, {"priority": 9, "expected_version": 1})
    said = answer.json()
    assert (answer.status_code, said["code"], said["version"], said["author"]) == (406, "changed_meanwhile", 2, "ayse")  # fmt: skip
    assert "by ayse at" in said["en"]
    assert planner.post(f"{path}activate/", {"expected_version": 1}).status_code == 406
    assert planner.post(f"{path}go-back/", {"version": 1, "expected_version": 1}).status_code == 406
    assert planner.get(path).json()["priority"] == 1
    assert planner.patch(path, {"priority": 9, "expected_version": 2}).json()["priority"] == 9


def test_a_copy_is_inactive_and_has_another_name(planner, kind, made):
    path = f"{PATHS[kind]}{made['id']}/"
    planner.post(f"{path}activate/", {})
    answer = planner.post(f"{path}copy/", {"name": "W 2"})
    copy = answer.json()
    assert (answer.status_code, copy["name"], copy["is_active"], copy["version"]) == (201, "W 2", False, 1)
    plain = [{k: v for k, v in rule.items() if k != "id"} for rule in copy["rules"]]
    assert plain == [{k: v for k, v in rule.items() if k != "id"} for rule in made["rules"]]
    taken = planner.post(f"{path}copy/", {"name": "W 2"})
    assert (taken.status_code, list(taken.json())) == (400, ["name"])
    assert planner.post(f"{PATHS[kind]}98765/copy/", {"name": "x"}).status_code == 404


def test_only_a_draft_that_was_never_active_can_be_deleted(planner, kind, made):
    path = f"{PATHS[kind]}{made['id']}/"
    client = planner.client
    draft = create(planner, kind, "draft")
    url = f"/api/v1/oms{PATHS[kind]}{draft['id']}/"
    assert client.delete(url, headers=planner.headers).status_code == 204
    assert planner.get(f"{PATHS[kind]}{draft['id']}/versions/").status_code == 404
    assert client.delete(url, headers=planner.headers).status_code == 404
    planner.post(f"{path}activate/", {})
    for code in ("scenario_is_active", "scenario_was_active"):
        answer = client.delete(f"/api/v1/oms{path}", headers=planner.headers)
        assert (answer.status_code, answer.json()["code"]) == (406, code)
        planner.post(f"{path}deactivate/", {})


def test_the_order_of_all_active_scenarios_is_set_in_one_step(planner, kind, made):
    second, third = create(planner, kind, "second"), create(planner, kind, "third")
    asleep = create(planner, kind, "asleep")
    for row in (made, second, third):
        planner.post(f"{PATHS[kind]}{row['id']}/activate/", {})
    wanted = [third["id"], made["id"], second["id"]]
    answer = planner.post(f"{PATHS[kind]}order/", {"ids": wanted, "note": "third first"})
    assert [(row["id"], row["priority"]) for row in answer.json()["results"]] == list(zip(wanted, (10, 20, 30), strict=True))  # fmt: skip
    _, rules = rules_snapshot()
    asked = rules.scenarios if kind == "distribution" else rules.transfers
    assert [row.id for row in asked] == wanted
    last = versions(planner, kind, made["id"])[0]
    assert (last["act"], last["note"], last["rules_hash"]) == ("put_in_order", "third first", rules.hash)
    for ids, said in (
        (wanted[:2], "missing: second"),
        ([*wanted, asleep["id"]], "Not an active scenario"),
        ([*wanted, wanted[0]], "Named twice"),
        ([*wanted, 2**62], "Not an active scenario"),
    ):
        refused = planner.post(f"{PATHS[kind]}order/", {"ids": ids})
        assert (refused.status_code, list(refused.json())) == (400, ["ids"])
        assert said in refused.json()["ids"][0]
    assert rules_snapshot()[0] == rules.hash


def test_who_may_only_read_changes_nothing(planner, kind, made):
    reader = caller("planner", username="reader")
    reader.headers = {"Authorization": f"Token {_token_that_reads('reader')}"}
    path = f"{PATHS[kind]}{made['id']}/"
    assert reader.get(path).status_code == 200
    assert reader.get(f"{path}versions/").status_code == 200
    for verb, body in (("activate", {}), ("copy", {"name": "x"}), ("go-back", {"version": 1})):
        assert reader.post(f"{path}{verb}/", body).status_code == 403
    assert reader.post(f"{PATHS[kind]}order/", {"ids": []}).status_code == 403
    assert reader.client.delete(f"/api/v1/oms{path}", headers=reader.headers).status_code == 403


def _token_that_reads(username):
    from ambar.kit import accounts
    from ambar.kit.accounts.models import User

    return accounts.issue_token(User.objects.get(username=username), name="r", scopes={"scenarios:read"})


def test_lists_cost_the_same_however_many_there_are(planner, kind, made, django_assert_max_num_queries):
    for n in range(6):
        create(planner, kind, f"S{n}")
    for n in range(5):
        planner.patch(f"{PATHS[kind]}{made['id']}/", {"priority": n})
    for path in (PATHS[kind], f"{PATHS[kind]}{made['id']}/versions/", f"{PATHS[kind]}{made['id']}/"):
        with django_assert_max_num_queries(5):
            assert planner.get(path).status_code == 200
