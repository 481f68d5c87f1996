"""`/whisperer/`: the documented requests and answers."""

import json
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from ambar.kit import accounts, clock, outbox, vault
from ambar.kit.accounts.models import User
from ambar.kit.outbox import registry, rotation
from ambar.kit.outbox.models import Hook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.outbox_project.hook_urls")]

accounts.register_role("hook tester", {"hooks:read", "hooks:write"}, "Hook tester")
HOOKS = "/api/v1/whisperer/hooks/"
FIXED = {"choice": "fixed", "kwargs": {"seconds": 3}}
NEW = {
    "target_url": "https://93.184.215.14/in/",
    "event_type": "parcel.moved",
    "retry_countdown_config": {"choice": "exponential", "kwargs": {"base": 2}},
    "secret_key": "a secret of mine",
}


class Caller:
    """Speaks JSON with a token."""

    def __init__(self, username: str, roles: list[str], *, superuser: bool = False) -> None:
        user = User.objects.create(username=username, password="", roles=roles, is_superuser=superuser)
        self.token = accounts.issue_token(user, name="test")
        self.client = Client()

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        call = getattr(self.client, method)
        answer = call(path, headers={"Authorization": f"Token {self.token}"}, **data)
        return answer.status_code, json.loads(answer.content) if answer.content else None


@pytest.fixture
def owner() -> Caller:
    return Caller("owner", ["hook tester"])


def test_a_new_hook_is_answered_with_all_keys_in_order_and_defaults(owner: Caller) -> None:
    status, hook = owner("post", HOOKS, NEW)
    assert status == 201
    assert list(hook) == [
        "id", "retry_countdown_config", "created_date", "modified_date", "target_url", "is_active", "secret_key",
        "event_type", "callback", "additional_headers", "config",
    ]  # fmt: skip
    assert hook["retry_countdown_config"] == {"choice": "exponential", "kwargs": {"base": 2, "factor": 1}}
    assert (hook["secret_key"], hook["is_active"], hook["callback"]) == ("a secret of mine", True, None)
    assert (hook["additional_headers"], hook["config"]) == ({}, {})
    assert owner("get", f"{HOOKS}{hook['id']}/") == (200, hook)
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(h)::text from outbox_hook h")
        assert "a secret of mine" not in cursor.fetchone()[0]


def test_the_same_hook_again_is_406_also_when_the_first_is_off(owner: Caller) -> None:
    _, hook = owner("post", HOOKS, NEW)
    conflict = (406, {"code": "webhook_100_2", "en": "Webhook already registered"})
    assert owner("post", HOOKS, NEW) == conflict
    assert owner("delete", f"{HOOKS}{hook['id']}/") == (204, None)
    assert owner("get", f"{HOOKS}{hook['id']}/")[1]["is_active"] is False
    assert owner("post", HOOKS, NEW) == conflict
    assert owner("post", HOOKS, {**NEW, "event_type": "parcel.lost"})[0] == 201
    assert owner("patch", f"{HOOKS}{hook['id']}/", {"event_type": "parcel.lost"}) == conflict


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"retry_countdown_config": ...}, {"retry_countdown_config": ["This field is required."]}),
        ({"event_type": "nope"}, {"event_type": ['"nope" is not a valid choice.']}),
        (
            {"retry_countdown_config": {"choice": "fixed", "kwargs": {}}},
            {"retry_countdown_config": {"kwargs": {"seconds": ["This field is required."]}}},
        ),
        ({"is_active": "maybe"}, {"is_active": ["Must be a valid boolean."]}),
        ({"secret_key": "x" * 125}, {"secret_key": ["Ensure this field has no more than 124 characters."]}),
        ({"target_url": ...}, {"target_url": ["This field is required."]}),
        ({"additional_headers": {"a b": "c"}}, {"additional_headers": ["'a b' is not a header name."]}),
        ({"config": []}, {"config": ["Expected an object."]}),
        (
            {"config": {"auth": {"auth_type": "basic", "username": "u", "password": "p", "user": "u"}}},
            {
                "config": {
                    "auth": {"user": ["config.auth.user is not known. Known: auth_type, password, username."]}
                }
            },
        ),
    ],
)
def test_a_wrong_field_is_400_with_its_name(owner: Caller, change: dict, errors: dict) -> None:
    body = {name: value for name, value in {**NEW, **change}.items() if value is not ...}
    assert owner("post", HOOKS, body) == (400, errors)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rate_per_secund", 5),
        pytest.param("caller", "seller-center", id="nothing is recorded with its caller here"),
    ],
)
def test_a_key_of_config_that_nobody_reads_is_named_with_those_there_are(
    owner: Caller, key: str, value: object
) -> None:
    """Which narrow a hook is the system's own: other tests register some."""
    told = f"config.{key} is not known. Known: {', '.join(registry.config_keys())}."
    answer = owner("post", HOOKS, {**NEW, "config": {key: value, "collapse": True}})
    assert answer == (400, {"config": {key: [told]}})
    assert {"auth", "collapse", "rate_per_second"} <= set(registry.config_keys())


def test_a_hook_stored_with_an_unknown_key_can_be_read_changed_and_sent_back(owner: Caller) -> None:
    _, hook = owner("post", HOOKS, NEW)
    own = {"note": "ours", "auth": {"auth_type": "basic", "username": "u", "password": "p", "realm": "r"}}
    Hook.objects.filter(pk=hook["id"]).update(config=own)
    status, read = owner("get", f"{HOOKS}{hook['id']}/")
    assert (status, read["config"]) == (200, own)
    assert owner("patch", f"{HOOKS}{hook['id']}/", {"is_active": False})[0] == 200
    status, again = owner("put", f"{HOOKS}{hook['id']}/", {**read, "is_active": True})
    assert (status, again["config"], again["is_active"]) == (200, own, True)
    status, refused = owner("patch", f"{HOOKS}{hook['id']}/", {"config": {**own, "colapse": True}})
    assert (status, list(refused["config"])) == (400, ["colapse"])
    assert owner("patch", f"{HOOKS}{hook['id']}/", {"config": {}})[0] == 200
    assert owner("patch", f"{HOOKS}{hook['id']}/", {"config": {"note": "ours"}})[0] == 400


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "http://169.254.169.254/", "http://10.1.2.3/", "http://[::ffff:127.0.0.1]/", "file:///etc/passwd", "ftp://a/"],
)  # fmt: skip
def test_an_address_the_guard_refuses_is_400_naming_target_url(owner: Caller, url: str) -> None:
    status, errors = owner("post", HOOKS, {**NEW, "target_url": url})
    assert (status, list(errors)) == (400, ["target_url"])


def test_others_see_only_their_own_and_the_administrator_sees_all_with_secrets_masked(owner: Caller) -> None:
    _, hook = owner(
        "post",
        HOOKS,
        {**NEW, "additional_headers": {"X-Access-Code": "a-canary-access-code", "Accept-Language": "tr"}},
    )
    stranger = Caller("stranger", ["hook tester"])
    chief = Caller("chief", [], superuser=True)
    assert hook["additional_headers"] == {"X-Access-Code": "a-canary-access-code", "Accept-Language": "tr"}
    assert stranger("get", HOOKS + "?limit=999")[1]["results"] == []
    for method in ("get", "patch", "put", "delete"):
        assert (
            stranger(method, f"{HOOKS}{hook['id']}/", None if method in ("get", "delete") else {})[0] == 404
        )
    _, listed = chief("get", HOOKS + "?limit=999")
    assert [one["id"] for one in listed["results"]] == [hook["id"]]
    assert listed["results"][0]["secret_key"] == "****mine"
    assert listed["results"][0]["additional_headers"] == {
        "X-Access-Code": "****code",
        "Accept-Language": "tr",
    }
    status, changed = chief("put", f"{HOOKS}{hook['id']}/", {**listed["results"][0], "is_active": False})
    assert (status, changed["is_active"]) == (200, False)
    _, again = owner("get", f"{HOOKS}{hook['id']}/")
    assert again["secret_key"] == "a secret of mine"
    assert again["additional_headers"] == hook["additional_headers"]


def test_nobody_but_its_owner_sends_stored_credentials_to_another_address(owner: Caller) -> None:
    """Masked for its readers, they would be told in clear to whoever listens there."""
    auth = {"auth_type": "basic", "username": "ambar", "password": "canary-password"}
    headers = {"X-Access-Code": "canary-code", "Accept-Language": "tr"}
    _, hook = owner("post", HOOKS, {**NEW, "additional_headers": headers, "config": {"auth": auth}})
    one, chief = f"{HOOKS}{hook['id']}/", Caller("chief", [], superuser=True)
    elsewhere = {"target_url": "https://93.184.215.99/in/"}
    status, told = chief("patch", one, elsewhere)
    assert (status, list(told)) == (400, ["target_url"])
    assert "(auth.password, x-access-code)" in told["target_url"][0]
    _, masked = chief("get", one)
    assert chief("put", one, {**masked, **elsewhere})[0] == 400
    assert chief("patch", one, {**elsewhere, "additional_headers": {"X-Access-Code": "a new one"}})[0] == 400
    assert owner("get", one)[1] == hook
    anew = {
        "additional_headers": {"X-Access-Code": "a new one"},
        "config": {"auth": {**auth, "password": "new too"}},
    }
    assert chief("patch", one, {"target_url": "https://93.184.215.14/other-path/"})[0] == 200
    assert chief("patch", one, {**elsewhere, **anew})[0] == 200
    assert owner("patch", one, {"target_url": NEW["target_url"]})[0] == 200


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        (
            "https://93.184.215.14/in/?api_key=canary-of-a-brand&shop=7",
            "https://93.184.215.14/in/?api_key=****rand&shop=****",
        ),
        ("https://93.184.215.14/services/canary-7f3a9c/", "https://93.184.215.14/services/****3a9c/"),
    ],
)
def test_secrets_in_the_path_and_query_of_an_address_are_for_its_owner_and_a_superuser(
    owner: Caller, whole: str, shown: str
) -> None:
    accounts.register_role("hook overseer", {"*"}, "Hook overseer")
    _, hook = owner("post", HOOKS, {**NEW, "target_url": whole})
    event(7)
    with connection.cursor() as cursor:
        cursor.execute("update outbox_delivery set state = 2")
    one, log = f"{HOOKS}{hook['id']}/", "/api/v1/whisperer/hook_events/"
    for caller, seen in (
        (owner, whole),
        (Caller("root", [], superuser=True), whole),
        (Caller("overseer", ["hook overseer"]), shown),
    ):
        (listed,) = caller("get", HOOKS)[1]["results"]
        (sent,) = caller("get", log)[1]["results"]
        (lane,) = caller("get", "/api/v1/whisperer/parked_lanes/")[1]["results"]
        assert caller("get", one)[1]["target_url"] == listed["target_url"] == seen
        assert sent["webhook"]["target_url"] == lane["target_url"] == seen
        assert list(lane)[:3] == ["delivery_id", "hook_id", "target_url"]
        assert caller("patch", one, {"is_active": True})[1]["target_url"] == seen
    narrowed = accounts.issue_token(User.objects.get(username="root"), name="few", scopes=["hooks:read"])
    few = Caller("few", [])
    few.token = narrowed
    assert few("get", one)[1]["target_url"] == shown


def test_a_masked_address_that_is_sent_back_keeps_the_stored_one(owner: Caller) -> None:
    accounts.register_role("hook overseer", {"*"}, "Hook overseer")
    whole = "https://93.184.215.14/in/?api_key=canary-of-a-brand&shop=7"
    overseer = Caller("overseer", ["hook overseer"])
    one = f"{HOOKS}{owner('post', HOOKS, {**NEW, 'target_url': whole})[1]['id']}/"
    _, masked = overseer("get", one)
    assert overseer("put", one, {**masked, "callback": "changed"})[0] == 200
    assert owner("get", one)[1]["target_url"] == whole
    moved = masked["target_url"].replace("/in/", "/other/").replace("shop=****", "shop=8")
    assert overseer("patch", one, {"target_url": moved})[0] == 200
    assert (
        owner("get", one)[1]["target_url"] == "https://93.184.215.14/other/?api_key=canary-of-a-brand&shop=8"
    )
    stays = owner("get", one)[1]
    for wrong in (
        "https://93.184.215.99/in/?api_key=****rand&shop=8",
        "http://93.184.215.14/other/?api_key=****rand&shop=8",
        "https://93.184.215.14:444/other/?api_key=****rand",
        "https://93.184.215.14/other/?api_key=****none",
    ):
        refused = {"target_url": ["The value of api_key is masked: write the value itself."]}
        assert overseer("patch", one, {"target_url": wrong}) == (400, refused)
        assert owner("post", HOOKS, {**NEW, "target_url": wrong}) == (400, refused)
    longer = "https://93.184.215.14/" + "x" * 220 + "?api_key=****rand"
    assert overseer("patch", one, {"target_url": longer})[1] == {
        "target_url": ["Ensure this field has no more than 255 characters."]
    }
    assert owner("get", one)[1] == stays


def test_a_hook_is_found_by_its_address_as_the_reader_sees_it(owner: Caller) -> None:
    accounts.register_role("hook overseer", {"*"}, "Hook overseer")
    whole = "https://93.184.215.14/services/canary-7f3a9c/?key=canary-of-a-brand"
    owner("post", HOOKS, {**NEW, "target_url": whole})
    owner("post", HOOKS, NEW)
    overseer = Caller("overseer", ["hook overseer"])
    shown = next(
        one["target_url"] for one in overseer("get", HOOKS)[1]["results"] if "*" in one["target_url"]
    )
    for asked in (shown, shown.replace("services", "SERVICES")):
        found = overseer("get", f"{HOOKS}?{urlencode({'target_url': asked})}")[1]
        assert [one["target_url"] for one in found["results"]] == [shown], asked
    assert owner("get", f"{HOOKS}?{urlencode({'target_url': whole})}")[1]["count"] == 1
    both = urlencode([("target_url", shown), ("target_url", NEW["target_url"])])
    assert overseer("get", f"{HOOKS}?{both}")[1]["count"] == 2
    for none in (
        "****",
        "https://93.184.215.14/services/****",
        "https://93.184.215.14/services/canary-7f3a9c/",
    ):
        assert overseer("get", f"{HOOKS}?{urlencode({'target_url': none})}")[1]["count"] == 0


def test_a_new_secret_overlaps_with_the_old_one(owner: Caller) -> None:
    _, hook = owner("post", HOOKS, NEW)
    assert owner("patch", f"{HOOKS}{hook['id']}/", {"secret_key": "another"})[1]["secret_key"] == "another"
    with connection.cursor() as cursor:
        cursor.execute(
            "select previous_secret_sealed is not null, previous_secret_until - modified_at from outbox_hook"
        )
        kept, span = cursor.fetchone()
    assert kept and span.total_seconds() == 24 * 3600


def test_every_secret_replaced_within_a_day_is_kept_and_no_sixth(owner: Caller, monkeypatch) -> None:
    begun = clock.now()
    monkeypatch.setattr("ambar.kit.outbox.api.clock.now", lambda: at)
    at = begun
    hook = f"{HOOKS}{owner('post', HOOKS, NEW)[1]['id']}/"

    def kept() -> list[str]:
        row = Hook.objects.get()
        return [vault.open(one.sealed) for one in rotation.still_signing(row, now=at)]

    for place in range(1, 6):
        at = begun + timedelta(hours=place)
        assert owner("patch", hook, {"secret_key": f"number {place}"})[0] == 200
    assert kept() == ["number 4", "number 3", "number 2", "number 1", "a secret of mine"]
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(h)::text from outbox_hook h")
        (stored,) = cursor.fetchone()
    assert [one for one in ("number", "a secret of mine") if one in stored] == []

    status, refused = owner("patch", hook, {"secret_key": "number 6", "is_active": False})
    assert (status, list(refused)) == (400, ["secret_key"])
    assert refused["secret_key"][0].endswith(
        f"there is room for another from {clock.iso(begun + timedelta(hours=25))} on."
    )
    row = Hook.objects.get()
    assert (vault.open(row.secret_sealed or ""), row.is_active, len(kept())) == ("number 5", True, 5)

    assert owner("patch", hook, {"secret_key": "number 2"})[0] == 200, "going back is no sixth"
    assert kept() == ["number 5", "number 4", "number 3", "number 1", "a secret of mine"]
    at = begun + timedelta(hours=25)
    assert owner("patch", hook, {"secret_key": "number 6"})[0] == 200
    assert kept() == ["number 2", "number 5", "number 4", "number 3", "number 1"]
    assert owner("patch", hook, {"secret_key": None})[0] == 200
    assert kept() == []


def test_hooks_are_filtered_without_regard_to_case(owner: Caller) -> None:
    owner("post", HOOKS, NEW)
    owner("post", HOOKS, {**NEW, "event_type": "parcel.lost", "is_active": False})
    assert owner("get", HOOKS + "?event_type=PARCEL.MOVED")[1]["count"] == 1
    assert owner("get", HOOKS + "?target_url=HTTPS://93.184.215.14/IN/&is_active=False")[1]["count"] == 1
    assert owner("get", HOOKS + "?is_active=true&page=1")[1]["count"] == 1
    assert owner("get", HOOKS + "registry/") == (200, ["parcel.created", "parcel.lost", "parcel.moved"])


@pytest.mark.parametrize(
    ("list_", "known"),
    [
        ("hooks/", "event_type, is_active, target_url"),
        ("event_queues/", "event_type, object_id, model_name"),
        ("hook_events/", "webhook"),
        ("replays/", "state"),
    ],
)
def test_lists_refuse_what_they_do_not_know_at_a_system_whose_lists_ignore_it(
    owner: Caller, list_: str, known: str
) -> None:
    lists = f"/api/v1/whisperer/{list_}"
    assert owner("get", f"{lists}?page=1&limit=999&sort=-id")[0] == 200
    status, refused = owner("get", f"{lists}?page=1&unknown=1&even_typ=x")
    assert (status, sorted(refused)) == (400, ["even_typ", "unknown"])
    (told,) = refused["unknown"]
    assert told.startswith("Unknown filter. Known: ") and all(one in told for one in known.split(", "))
    status, refused = owner("get", f"{lists}?sort=payload")
    assert (status, list(refused)) == (400, ["sort"])


@pytest.mark.parametrize("list_", ["parked_lanes/", "endpoints/", "hooks/registry/"])
def test_lists_that_are_at_hand_are_paged_and_refuse_every_other_parameter(owner: Caller, list_: str) -> None:
    lists = f"/api/v1/whisperer/{list_}"
    assert owner("get", f"{lists}?page=1&limit=999")[0] == 200, "what clients send with every list"
    status, refused = owner("get", f"{lists}?page=1&even_typ=x&sort=-id")
    assert (status, refused) == (
        400, {name: ["Unknown parameter. Known: limit, page."] for name in ("even_typ", "sort")}
    )  # fmt: skip
    if list_ != "hooks/registry/":
        assert owner("get", f"{lists}?limit=x") == (
            400, {"limit": ["Must be a whole number between 1 and 10000000."]}
        )  # fmt: skip


def test_parked_lanes_come_all_at_once_or_page_by_page(owner: Caller) -> None:
    owner("post", HOOKS, NEW)
    for parcel in (1, 2, 3):
        event(parcel)
    with connection.cursor() as cursor:
        cursor.execute("update outbox_delivery set state = 2")
    lanes = "/api/v1/whisperer/parked_lanes/"
    whole = owner("get", lanes)[1]
    assert (whole["count"], whole["next"], whole["previous"]) == (3, None, None)
    assert [lane["aggregate_id"] for lane in whole["results"]] == [1, 2, 3]
    first = owner("get", f"{lanes}?limit=2")[1]
    assert first == {
        "count": 3, "next": f"http://testserver{lanes}?limit=2&page=2", "previous": None, "results": whole["results"][:2]
    }  # fmt: skip
    last = owner("get", f"{lanes}?limit=2&page=2")[1]
    assert (last["count"], last["next"], last["results"]) == (3, None, whole["results"][2:])
    assert last["previous"] == f"http://testserver{lanes}?limit=2&page=1"
    assert owner("get", f"{lanes}?limit=2&page=3")[1]["results"] == []


def test_replays_are_asked_for_by_a_state_there_is(owner: Caller) -> None:
    assert owner("get", "/api/v1/whisperer/replays/?state=running&state=done")[1]["count"] == 0
    told = {"state": ["'runing' is not one of running, stopped, done."]}
    assert owner("get", "/api/v1/whisperer/replays/?state=runing") == (400, told)


def test_the_log_is_narrowed_by_the_state_it_shows(owner: Caller) -> None:
    owner("post", HOOKS, NEW)
    for parcel in (1, 2, 3, 4):
        event(parcel)
    with connection.cursor() as cursor:
        cursor.execute("update outbox_delivery set state = aggregate_id - 1")
    log = "/api/v1/whisperer/hook_events/?sort=id&"
    for number, state in enumerate(("pending", "delivered", "parked", "superseded"), start=1):
        (row,) = owner("get", f"{log}state={state}")[1]["results"]
        assert (row["object_id"], row["state"]) == (str(number), state)
    assert owner("get", f"{log}state=parked,pending")[1]["count"] == 2
    assert owner("get", f"{log}delivered=false&state=parked")[1]["count"] == 1
    told = {"state": ["'lost' is not one of pending, delivered, parked, superseded."]}
    assert owner("get", f"{log}state=lost") == (400, told)


def test_a_try_without_an_answer_is_found_by_the_500_it_is_shown_with(owner: Caller) -> None:
    owner("post", HOOKS, NEW)
    for parcel in (1, 2, 3, 4):
        event(parcel)
    with connection.cursor() as cursor:
        cursor.execute(
            """update outbox_delivery set attempts = 1, state = 2, last_status = case aggregate_id when 1 then 0 when 2 then 500 else 404 end
               where aggregate_id < 4"""
        )
        cursor.execute(
            """insert into outbox_attempt (delivery_id, number, at, status, error, took_ms, response)
               select id, 1, now(), last_status, '', 1, '' from outbox_delivery where attempts = 1"""
        )
    log = "/api/v1/whisperer/hook_events/?sort=id&response_http_status="
    for asked, found in (("500", [1, 2]), ("404", [3]), ("500&response_http_status=404", [1, 2, 3])):
        rows = owner("get", log + asked)[1]["results"]
        assert [int(row["object_id"]) for row in rows] == found
        assert {str(row["response_http_status"]) for row in rows} == set(
            asked.split("&response_http_status=")
        )
    for asked, total in ((500, 2), (404, 1)):
        wanted = {"response_http_status": asked, "preview": True}
        assert owner("post", "/api/v1/whisperer/replays/", wanted)[1]["total"] == total
    assert owner("get", log + "x") == (400, {"response_http_status": ["A valid integer is required."]})


def test_a_retry_says_when_its_hook_is_off(owner: Caller) -> None:
    _, hook = owner("post", HOOKS, NEW)
    event(7)
    retry = f"/api/v1/whisperer/hook_events/{UUID(int=7).hex}/retry/"
    assert owner("post", retry, {"force": True})[1]["detail"] == "The event will be sent again."
    owner("delete", f"{HOOKS}{hook['id']}/")
    status, told = owner("post", retry, {"force": True})
    assert (status, told["detail"]) == (200, "The event will be sent again once its hook is on.")


def test_without_the_scope_the_resource_is_closed() -> None:
    nobody = Caller("nobody", [])
    assert nobody("get", HOOKS)[0] == 403
    assert Client().get(HOOKS).status_code == 401


def event(parcel: int) -> UUID:
    uuid = UUID(int=parcel)
    made = outbox.Event(
        uuid=uuid, type="parcel.moved", kind="parcel", aggregate_id=parcel, sequence=1, payload={"id": parcel}
    )
    outbox.record([made], now=clock.now())
    return uuid


def test_the_log_takes_true_or_false_for_delivered_and_nothing_else(owner: Caller) -> None:
    owner("post", HOOKS, NEW)
    event(7)
    log = "/api/v1/whisperer/hook_events/?delivered="
    assert [owner("get", f"{log}{word}")[1].get("count") for word in ("true", "0")] == [0, 1]
    assert owner("get", f"{log}perhaps") == (400, {"delivered": ["Must be true or false."]})


def test_the_log_shows_a_delivery_and_a_retry_follows_the_documented_rules(owner: Caller) -> None:
    owner("post", HOOKS, NEW)
    uuid = event(7)
    _, log = owner("get", "/api/v1/whisperer/hook_events/?delivered=false&event_type=parcel.moved")
    (one,) = log["results"]
    assert (one["uuid"], one["delivered"], one["retry_count"], one["object_id"]) == (uuid.hex, False, 0, "7")
    assert one["request_payload"] == {
        "event": {"type": "parcel.moved", "uuid": uuid.hex},
        "payload": {"id": 7},
    }
    path = f"/api/v1/whisperer/hook_events/{one['id']}/"
    assert owner("get", path) == (200, one)
    assert owner("get", f"/api/v1/whisperer/hook_events/{uuid.hex}/")[0] == 200
    assert owner("post", path + "retry/", {}) == (
        406,
        {"code": "event_100_6", "en": "Event is still in retry process"},
    )
    assert owner("post", path + "retry/", {"force": True})[0] == 200
    assert owner("post", path + "retry/", {"force": "yes"})[0] == 400
    with connection.cursor() as cursor:
        cursor.execute("update outbox_delivery set state = 1")
    assert owner("post", path + "retry/", {"force": True}) == (
        406,
        {"code": "event_100_3", "en": "Event already delivered"},
    )
    stranger = Caller("stranger", ["hook tester"])
    assert stranger("get", path)[0] == 404
    for nothing in ("nonsense", "³", "1²"):
        assert owner("get", f"/api/v1/whisperer/hook_events/{nothing}/")[0] == 404
        assert owner("post", f"/api/v1/whisperer/hook_events/{nothing}/retry/", {})[0] == 404


def test_the_queue_lists_what_was_not_tried_yet(owner: Caller) -> None:
    owner("post", HOOKS, NEW)
    event(7)
    _, queue = owner("get", "/api/v1/whisperer/event_queues/?object_id=7")
    assert [(one["event_type"], one["object_id"], one["model_name"]) for one in queue["results"]] == [
        ("parcel.moved", "7", "parcel")
    ]
