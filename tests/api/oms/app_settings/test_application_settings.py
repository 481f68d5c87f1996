"""Application settings over HTTP: seed's JSON taken as it is, secrets never shown, every mistake named."""

import copy
import json

import pytest

from ambar.oms.app_settings import queries
from ambar.oms.app_settings.models import Setting
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/oms/settings/application_settings/"
CLIENT = json.loads((world.CONTRACTS / "settings/OMNITRON_CLIENT_SETTINGS.json").read_text())
SELLER = json.loads((world.CONTRACTS / "settings/SELLER_CENTER_SETTINGS.json").read_text())


@pytest.fixture
def admin():
    return world.caller("admin", name="chief")


def changed(body, *path, to):
    made = copy.deepcopy(body)
    holder = made["json_value"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = to
    return made


def test_the_public_page_s_json_is_taken_as_it_is_and_shown_masked(admin):
    answer = admin.post(PATH, CLIENT)
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["key"], shown["json_value"]["auth"]) == (
        "OMNITRON_CLIENT_SETTINGS",
        {"username": "username", "password": "****"},
    )
    assert len(shown["json_value"]["endpoint_conf"]) == 12
    assert {entry["auth"]["token"] for entry in shown["json_value"]["endpoint_conf"]} == {"****here"}
    assert admin.get(f"{PATH}{shown['id']}/").json() == shown
    stored = json.dumps(Setting.objects.get().value)
    assert "your_token_here" not in stored
    assert queries.value("OMNITRON_CLIENT_SETTINGS") == CLIENT["json_value"]


def test_a_masked_secret_sent_back_keeps_the_stored_one(admin):
    shown = admin.post(PATH, CLIENT).json()
    shown["json_value"]["timeouts"]["read"] = 9000
    shown["json_value"]["endpoint_conf"][0]["auth"]["token"] = "another-token-1234"
    answer = admin.put(f"{PATH}{shown['id']}/", {"key": shown["key"], "json_value": shown["json_value"]})
    assert (answer.status_code, answer.content) == (200, b"")
    queries.forget()
    value = queries.value("OMNITRON_CLIENT_SETTINGS")
    assert (value["auth"]["password"], value["timeouts"]["read"]) == ("password", 9000)
    assert [entry["auth"]["token"] for entry in value["endpoint_conf"][:2]] == [
        "another-token-1234",
        "your_token_here",
    ]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("urls", "base_url"), "{base_url}/api/v1", "braces are not resolved"),
        (("urls", "oms_url"), "ftp://x/y", "absolute http or https"),
        (("urls", "base_url"), "http://user:pw@x/api", "credentials"),
        (("endpoint_conf", 1, "endpoint"), "ordres", "is not a known endpoint name"),
        (("endpoint_conf", 1, "endpoint"), "cities", "listed twice: cities"),
        (("endpoint_conf", 1, "base_url"), "{base_url}/x", "endpoint_conf.1.base_url: braces"),
        (("endpoint_conf", 0, "auth"), {}, "endpoint_conf.0.auth.token: Field required"),
        (("timeouts", "read"), "6000", "timeouts.read"),
        (("timeouts", "read"), 6, "timeouts.read: Input should be greater"),
        (("auth",), {"username": "u"}, "auth.password: Field required"),
        (("colour",), "red", "colour: Extra inputs are not permitted"),
    ],
)
def test_mistakes_are_named(admin, path, value, words):
    answer = admin.post(PATH, changed(CLIENT, *path, to=value))
    assert answer.status_code == 400
    assert words in answer.json()["json_value"][0]
    assert Setting.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("supplier_code",), "", "supplier_code"),
        (("order_filters", 0, "condition"), {"field": "colour", "op": "in", "value": []}, "order_filters"),
        (("status_map",), {"201": "450"}, '"201" is not a package state'),
        (("status_map",), {"200": "451"}, '"451" (of state 200) is not an order item status'),
        (("status_map",), {"500": "500", "600": "450"}, "would move items back"),
        (
            ("status_map",),
            {"600": "500", "620": "450"},
            "would move items back from 500 (100 → 500 → 600 → 620)",
        ),
        (("shipping", "default"), "ups", "is not in cargo_company_map"),
        (("poll_seconds",), 0, "poll_seconds"),
    ],
)
def test_mistakes_in_the_seller_s_settings_are_named(admin, path, value, words):
    assert admin.post(PATH, SELLER).status_code == 201
    row = Setting.objects.get()
    answer = admin.put(f"{PATH}{row.pk}/", {"json_value": changed(SELLER, *path, to=value)["json_value"]})
    assert answer.status_code == 400
    assert words in answer.json()["json_value"][0]


def test_keys_are_known_unique_and_immutable(admin):
    unknown = admin.post(PATH, {"key": "NOPE", "json_value": {}})
    assert unknown.status_code == 400
    assert unknown.json()["key"][0].startswith('"NOPE" is not a known key. Known: ')
    made = admin.post(PATH, SELLER).json()
    twice = admin.post(PATH, SELLER)
    assert (twice.status_code, list(twice.json())) == (400, ["key"])
    renamed = admin.put(f"{PATH}{made['id']}/", {"key": "OTHER", "json_value": SELLER["json_value"]})
    assert (renamed.status_code, list(renamed.json())) == (400, ["key"])


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"key": 1, "json_value": {}}', b'{"json_value": {}}', b'{"key": "X"}']
)
def test_malformed_bodies_are_400(admin, body):
    assert admin.post(PATH, body).status_code == 400


def test_the_list_filters_by_part_of_the_key_and_pages(admin):
    admin.post(PATH, CLIENT)
    admin.post(PATH, SELLER)
    assert [row["key"] for row in admin.get(f"{PATH}?key=seller").json()["results"]] == [
        "SELLER_CENTER_SETTINGS"
    ]
    page = admin.get(f"{PATH}?page_size=1&page=2&sort=key").json()
    assert (page["count"], page["results"][0]["key"]) == (2, "SELLER_CENTER_SETTINGS")
    assert admin.get(f"{PATH}?colour=red").status_code == 400


def test_who_may_not_is_refused():
    assert world.Caller(None).get(PATH).status_code == 401
    assert world.caller("planner", name="planner").get(PATH).status_code == 403
    admin = world.caller("admin", name="chief")
    assert admin.get(f"{PATH}999/").status_code == 404
    assert admin.put(f"{PATH}999/", {"json_value": {}}).status_code == 404
