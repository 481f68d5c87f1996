"""The OMS's screens: who may open them, what they cost, what they do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts, clock
from ambar.oms.packages.models import Package
from ambar.oms.states.models import TransitionLog
from ambar.oms.upstream.models import Quarantined
from tests.worlds.oms_records import World, build, package, take

pytestmark = pytest.mark.django_db

LISTS = [
    "/",
    "/orders/",
    "/packages/",
    "/locations/",
    "/stock/",
    "/quarantine/",
    "/webhooks/",
    "/webhooks/log/",
]
OTHERS = ["/settings/", "/settings/setup/", "/settings/doctor/"]


@pytest.fixture
def world(db: None) -> World:
    return build()


def signed_in(role: str, **bounds: object) -> Client:
    user = accounts.ensure_user(role.replace(" ", "-"), "a long password 1", [role], bounds)
    client = Client()
    client.force_login(user)
    return client


def queries(client: Client, path: str) -> int:
    """The fewest queries of three calls: what is kept for some seconds may run out under one of them."""
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        counts.append(len(captured))
    return min(counts)


def quarantined(n: int) -> Quarantined:
    now = clock.now()
    return Quarantined.objects.create(
        source="seller_center",
        identity=str(n),
        number=f"Q{n}",
        kind="unknown_place",
        cause="township:kadikoyy",
        reason="Township Kadıköyy is not known.",
        payload={"number": f"Q{n}"},
        created_at=now,
        modified_at=now,
    )


@pytest.mark.parametrize("path", LISTS + OTHERS)
def test_every_screen_asks_to_sign_in_first(world, path):
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_number_of_queries_however_long_it_is(world, path):
    client = signed_in("admin")
    package(world)
    quarantined(0)
    client.get(path)
    few = queries(client, path)
    for n in range(1, 9):
        package(world, at="ST1" if n % 2 else "WH1")
        quarantined(n)
    assert queries(client, path) == few
    assert few <= 20


@pytest.mark.parametrize("kind", ["orders", "packages"])
def test_a_detail_costs_the_same_number_of_queries_however_many_items_it_has(world, kind):
    client = signed_in("admin")
    one, many = package(world, lines=(("SKU-A", 1),)), package(world)
    orders = dict(Package.objects.values_list("pk", "order_id"))
    paths = [f"/packages/{p.id}/" if kind == "packages" else f"/orders/{orders[p.id]}/" for p in (one, many)]
    client.get(paths[0])
    assert queries(client, paths[0]) == queries(client, paths[1])


def test_home_counts_what_was_taken_planned_and_is_stuck(world):
    package(world)
    package(world, state=920)
    take(world)
    quarantined(1)
    figures = signed_in("admin").get("/").context["figures"]
    assert (figures.taken, figures.planned, figures.to_plan, figures.quarantined) == (0, 0, 1, 1)
    assert figures.by_state == {100: 1, 920: 1}


def test_home_says_nothing_is_stuck_only_when_nothing_is(world):
    package(world)
    client = signed_in("admin")
    assert "Nothing is stuck." in client.get("/").content.decode()
    package(world, state=920)
    Package.objects.filter(pk=package(world).id).update(state=930, previous_state=100)
    page = client.get("/").content.decode()
    assert "Nothing is stuck." not in page
    assert "1 package is out of stock" in page and "1 package is blocked" in page
    assert page.count('href="/packages/?tab=stuck"') >= 2


def test_select_action_runs_the_command_and_writes_who_did_it(world):
    made = package(world)
    client = signed_in("admin")
    answer = client.post(f"/packages/{made.id}/action/", {"slug": "complete-packaging-from-waiting"})
    assert (answer.status_code, answer["Location"]) == (302, f"/packages/{made.id}/")
    assert Package.objects.get(pk=made.id).state == 500
    log = TransitionLog.objects.filter(kind="package", object_id=made.id).order_by("-id")[0]
    assert log.user_id == accounts.ensure_user("admin", None, ["admin"]).pk


def test_an_action_of_another_state_changes_nothing(world):
    made = package(world, state=500)
    client = signed_in("admin")
    answer = client.post(
        f"/packages/{made.id}/action/", {"slug": "complete-packaging-from-waiting"}, follow=True
    )
    assert [str(message) for message in answer.context["messages"]] == [
        "This action can no longer be run: the package has moved on."
    ]
    assert Package.objects.get(pk=made.id).state == 500


def test_an_action_needs_the_token_of_its_own_page(world):
    made = package(world)
    user = accounts.ensure_user("admin", "a long password 1", ["admin"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    answer = client.post(f"/packages/{made.id}/action/", {"slug": "complete-packaging-from-waiting"})
    assert answer.status_code == 403
    assert Package.objects.get(pk=made.id).state == 100


def test_a_person_bound_to_a_location_finds_others_packages_missing(world):
    mine, other = package(world), package(world, at="ST1")
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    assert client.get(f"/packages/{mine.id}/").status_code == 200
    foreign, missing = client.get(f"/packages/{other.id}/"), client.get("/packages/999999/")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    act = client.post(f"/packages/{other.id}/action/", {"slug": "complete-packaging-from-waiting"})
    assert act.status_code == 404
    assert Package.objects.get(pk=other.id).state == 100
    listed = client.get("/packages/").context["listing"]
    assert [row["number"] for row in listed.rows] == [mine.number]
    assert sum(tab.count for tab in client.get("/packages/").context["tabs"] if tab.label == "All") == 1


def test_home_of_a_person_bound_to_a_location_counts_only_its_packages(world):
    package(world)
    package(world, at="ST1")
    package(world, at="ST1", state=920)
    context = signed_in("location_operator", location_ids=[world.locations["ST1"]]).get("/").context
    assert context["figures"].by_state == {100: 1, 920: 1}
    assert [str(stage.label) for stage in context["stages"]] == ["Packed", "Shipped", "Delivered"]
    assert (context["alerts"], context["handover"]) == (None, None)


def test_a_role_without_the_scope_is_told_so(world):
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    assert [client.get(path).status_code for path in ("/settings/", "/quarantine/", "/webhooks/")] == [
        403,
        403,
        403,
    ]


def test_unknown_filters_and_pages_fall_back_instead_of_failing(world):
    package(world)
    client = signed_in("admin")
    for query in (
        "?page=0",
        "?page=99999999999",
        "?page=x",
        "?location=abc",
        "?sort=nothing",
        "?tab=x",
        "?q=%00",
    ):
        answer = client.get(f"/packages/{query}")
        assert (query, answer.status_code, len(answer.context["listing"].rows)) == (query, 200, 1)


def test_filters_narrow_and_become_chips(world):
    one, _two = package(world), package(world, at="ST1")
    answer = signed_in("admin").get(f"/packages/?location={world.locations['WH1']}&q={one.number[:-2]}")
    listing = answer.context["listing"]
    assert [row["number"] for row in listing.rows] == [one.number]
    assert [(chip.label, chip.value) for chip in listing.chips] == [("Location", "Location WH1")]
    assert listing.chips[0].remove == f"?q={one.number[:-2]}"


def test_pages_carry_a_strict_policy_and_no_inline_script_or_style(world):
    made = package(world)
    client = signed_in("admin")
    for path in ("/", "/packages/", f"/packages/{made.id}/", "/login/"):
        answer = client.get(path, follow=True)
        policy = answer["Content-Security-Policy"]
        assert (
            "unsafe-inline" not in policy and "unsafe-eval" not in policy and "default-src 'self'" in policy
        )
        html = answer.content.decode()
        assert " style=" not in html and "<style" not in html and " onclick=" not in html
        assert html.count("<script") == html.count("<script src=")


def test_settings_show_no_secret(world):
    from ambar.kit import vault
    from ambar.oms.app_settings.models import Setting

    Setting.objects.create(
        key="SELLER_CENTER_SETTINGS",
        value={"supplier_code": "AMBAR", "hook_secret": vault.seal("planted-secret-1234")},
        created_at=clock.now(),
        modified_at=clock.now(),
    )
    html = signed_in("admin").get("/settings/").content.decode()
    assert "SELLER_CENTER_SETTINGS" in html
    assert "planted-secret" not in html
    assert "****1234" in html


def test_texts_of_others_are_shown_as_text(world):
    quarantined(1)
    Quarantined.objects.update(reason="<script>alert(1)</script>")
    html = signed_in("admin").get("/quarantine/").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_screens_are_in_the_language_of_the_cookie(world):
    made = package(world)
    client = signed_in("admin")
    client.cookies["ambar_language"] = "tr"
    html = client.get(f"/packages/{made.id}/").content.decode()
    assert 'lang="tr"' in html
    assert "İşlem seç" in html and "Bekliyor" in html and "Paketleme Tamamlandı" in html
