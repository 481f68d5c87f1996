"""Every way to set the integration up wrong that we know of: each is found, named, and mended, or told exactly how.

Against a real Seller Center and a real Omnitron, started once. A case says how the sound integration is broken, which
finding names it, what a person must give, and whether the doctor can mend it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest

from ambar.kit import accounts, clock, vault
from ambar.kit.outbox.deliveries import sender
from ambar.kit.outbox.models import Hook
from ambar.oms.catalogue.models import Channel, Product
from ambar.oms.doctor.models import SeenOff
from ambar.oms.locations.models import StockLocation
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package
from ambar.oms.places.models import City, District, Township
from ambar.oms.scenarios import store
from ambar.oms.scenarios.actions.save_scenario import save_scenario
from ambar.oms.scenarios.kinds import DISTRIBUTION
from ambar.oms.scenarios.models import DistributionScenario
from ambar.oms.setup import integration_plan as plans
from ambar.oms.states import queries as states
from ambar.oms.states.models import StateTransition
from tests.worlds import oms_integration as world
from tests.worlds import oms_records as records
from tests.worlds.oms_integration import CLIENT, SELLER, Systems

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db,
    pytest.mark.skipif(
        "AMBAR_TEST_SERVER" not in os.environ, reason="needs a PostgreSQL server (AMBAR_TEST_SERVER)"
    ),
]
DOCTOR = "/api/v1/oms/doctor/"
PACKED = "package.status.packed"


@dataclass(frozen=True)
class Case:
    """`given`: what a person must give first. `mends` False: no program can, and `advice` is part of what is said."""

    name: str
    step: int
    code: str
    breaks: Callable[[Systems], object]
    given: Callable[[Systems], dict[str, str]] | None = None
    mends: bool = True
    advice: str = ""


def url_of(around: Systems, event: str = "package.created") -> str:
    plan = plans.IntegrationPlan(
        oms_url="", oms_token="", omnitron_url="", omnitron_username="", omnitron_password="",
        seller_center_url=around.market, seller_center_token="", supplier_code="",
    )  # fmt: skip
    return plans.package_hooks(plan)[event]


def hook(event: str = PACKED) -> Hook:
    return Hook.objects.get(event_type=event)


def changed_hook(event: str = PACKED, **columns: object) -> None:
    Hook.objects.filter(event_type=event).update(**columns)


def with_token(token: str) -> dict[str, str]:
    return {"Authorization": vault.seal(f"Token {token}")}


def without_entries(*names: str) -> None:
    value = world.setting(CLIENT)
    kept = [entry for entry in value["endpoint_conf"] if entry["endpoint"] not in names]
    world.set_setting(CLIENT, endpoint_conf=kept)


def omnitron_user(username: str, password: str = world.PASSWORD) -> None:
    world.set_setting(CLIENT, auth={"username": username, "password": password})


def urls(**changed: str) -> None:
    world.set_setting(CLIENT, urls={**world.setting(CLIENT)["urls"], **changed})


def came_back(around: Systems) -> None:
    SeenOff.objects.create(
        hook_id=around.hooks["order.updated"], event_type="order.updated", target_url="x", seen_at=clock.now()
    )
    around.switch_hook("order.updated", True)


def twin(around: Systems) -> None:
    other = accounts.ensure_user("another", None, ["admin"], {})
    world.put_hook(PACKED, url_of(around, PACKED), other.pk, token=around.token, secret=world.SECRET)


def misdirected(around: Systems) -> None:
    changed_hook(target_url=url_of(around).replace(around.market, around.closed))


def one_entry_is_left(around: Systems) -> None:
    without_entries(*(name for name in plans.REDIRECTED if name != "orders"))


def rows(key: str, **changed: object) -> None:
    world.force_setting(SELLER, **{key: {**world.setting(SELLER)[key], **changed}})


def without_status(state: str) -> None:
    kept = {key: code for key, code in world.setting(SELLER)["status_map"].items() if key != state}
    world.set_setting(SELLER, status_map=kept)


def switched_off(**which: object) -> None:
    StateTransition.objects.filter(**which).update(is_active=False)
    states.forget()


def renamed_city() -> None:
    City.objects.update(name="Istanbull")


def extra_place() -> None:
    township = Township.objects.get()
    District.objects.create(
        source="seller_center", upstream_id=77, name="Nowhere", folded="nowhere", township=township
    )


def slow() -> None:
    world.set_value.put("DOCTOR_SETTINGS", {"slow_ms": 1}, now=clock.now())
    world.oms_upstream.forget()


def no_scenario(*, gone: bool = False) -> None:
    (scenario,) = DistributionScenario.objects.all()
    save_scenario({"is_active": False}, scenario_id=scenario.pk, now=clock.now())
    if gone:
        store.delete(DISTRIBUTION, scenario)


def slipped() -> None:
    """A package was moved on, and something else than a transition wrote another state over it."""
    there = records.World(
        channel=Channel.objects.get().pk,
        locations=dict(StockLocation.objects.values_list("erp_code", "pk")),
        products=dict(Product.objects.values_list("sku", "pk")),
    )
    one = records.package(there, lines=[(world.SKU, 1)])
    moved = StateChange(package_id=one.id, from_state=100, to_state=200, command_code="X", slug="x")
    packages.change_states([moved], now=records.T0)
    Package.objects.update(state=300)


def asked_for_a_channel() -> None:
    """A scenario asks for the channel by its name, and nobody has it yet."""
    Channel.objects.all().delete()
    (scenario,) = DistributionScenario.objects.all()
    query = {"field": "channel", "op": "eq", "value": "Seller Center"}
    save_scenario({"channel_query": query}, scenario_id=scenario.pk, now=clock.now())


def filter_rule(condition: object) -> list[dict[str, object]]:
    return [{"name": "only big ones", "condition": condition}]


CITY_FILTER = {"field": "amount", "op": "gt", "value": 1_000_000}

CASES = [
    # Step 1: Omnitron
    Case("omnitron_hook.order.created", 1, "hook_on", lambda s: s.switch_hook("order.created", True)),
    Case("omnitron_hook.cancellation_plan.updated", 1, "hook_on", lambda s: s.switch_hook("cancellation_plan.updated", True)),
    Case("omnitron_hook.order.updated", 1, "hook_came_back", came_back),
    Case(
        "omnitron_login", 1, "omnitron_refuses", lambda s: omnitron_user("chief", "wrong"),
        given=lambda s: {"omnitron_username": "chief", "omnitron_password": world.PASSWORD},
    ),
    Case("omnitron_login", 1, "omnitron_silent", lambda s: urls(base_url=f"{s.closed}/api/v1"), given=lambda s: {"omnitron_url": s.omnitron}),
    Case("omnitron_login", 1, "omnitron_is_another", lambda s: urls(base_url=f"{s.omnitron}/api/v9"), given=lambda s: {"omnitron_url": s.omnitron}),
    Case("omnitron_login", 1, "omnitron_is_other_system", lambda s: urls(base_url=f"{s.market}/api/v1"), given=lambda s: {"omnitron_url": s.omnitron}),
    Case("omnitron_hooks", 1, "hooks_unlisted", lambda s: omnitron_user("nobody"), mends=False, advice="scope hooks:read"),
    Case("oms_url", 1, "oms_url_elsewhere", lambda s: urls(oms_url=f"{s.market}/api/v1"), given=lambda s: {"oms_url": s.oms}),
    # Step 2: the twelve endpoints
    Case("endpoint.cities", 2, "endpoint_missing", lambda s: without_entries("cities")),
    Case("endpoint.districts_count", 2, "endpoint_missing", one_entry_is_left),
    Case("endpoint.orders", 2, "endpoint_missing", lambda s: without_entries(*plans.REDIRECTED), given=lambda s: {"seller_center_url": s.market, "seller_center_token": s.token}),
    Case("endpoint.orders", 2, "endpoint_refused", lambda s: world.set_entry("orders", token="no-token-at-all")),
    Case("endpoint.cancellation_plans", 2, "endpoint_of_another_seller", lambda s: world.set_entry("cancellation_plans", token=s.other_token)),
    Case("endpoint.townships", 2, "endpoint_answered", lambda s: world.set_entry("townships", base_url=f"{s.market}/api/v1/applications/omss")),
    Case("endpoint.countries", 2, "endpoint_refused", lambda s: world.set_entry("countries", base_url=f"{s.omnitron}/api/v1")),
    Case("endpoint.districts", 2, "endpoint_is_another", lambda s: world.set_entry("districts", base_url=f"{s.market}/api/v1", token=s.owner_token)),
    Case("endpoint.orderitem_set", 2, "endpoint_no_answer", lambda s: world.set_entry("orderitem_set", base_url=f"{s.closed}/api/v1/applications/oms")),
    Case("endpoint.countries_with_code", 2, "endpoint_no_answer", lambda s: world.set_entry("countries_with_code", base_url="http://10.255.255.1/api/v1/applications/oms")),
    Case("endpoint.countries_count", 2, "endpoint_shape", lambda s: world.set_entry("countries_count", path="countries/")),
    Case("endpoint.cities", 2, "endpoint_rows", lambda s: world.set_entry("cities", path="countries/")),
    Case("endpoint.order_item_bulk_update", 2, "endpoint_answered", lambda s: world.set_entry("order_item_bulk_update", path="nothing/here/")),
    Case("endpoint.orders", 2, "endpoint_slow", lambda s: slow(), mends=False, advice="DOCTOR_SETTINGS.slow_ms"),
    # Step 3: the nine package hooks
    Case("package_hook.package.created", 3, "package_hook_missing", lambda s: Hook.objects.filter(event_type="package.created").delete()),
    Case(f"package_hook.{PACKED}", 3, "package_hook_off", lambda s: changed_hook(is_active=False)),
    Case("package_hook.package.status.shipped", 3, "package_hook_off", lambda s: changed_hook("package.status.shipped", is_active=False, disabled_reason="the receiver answered 410")),
    Case(f"package_hook.{PACKED}", 3, "package_hook_elsewhere", misdirected),
    Case(f"package_hook.{PACKED}", 3, "package_hook_elsewhere", lambda s: changed_hook(target_url=url_of(s))),
    Case(f"package_hook.{PACKED}", 3, "package_hook_bare", lambda s: changed_hook(additional_headers={}, secret_sealed=None)),
    Case(f"package_hook.{PACKED}", 3, "package_hook_unsigned", lambda s: changed_hook(secret_sealed=None)),
    Case(f"package_hook.{PACKED}", 3, "package_hook_secret", lambda s: changed_hook(secret_sealed=vault.seal("another-secret"))),
    Case(f"package_hook.{PACKED}", 3, "package_hook_token", lambda s: changed_hook(additional_headers=with_token("revoked"))),
    Case(f"package_hook.{PACKED}", 3, "package_hook_token", lambda s: changed_hook(additional_headers=with_token(s.other_token))),
    Case(f"package_hook.{PACKED}", 3, "package_hook_unusable", lambda s: changed_hook(retry_countdown_config={"choice": "never"}, secret_sealed="sealed:broken")),
    Case(f"package_hook_twice.{PACKED}", 3, "package_hook_twice", twin),
    Case(f"package_hook.{PACKED}", 3, "package_hook_secret", lambda s: s.change_seller(hook_secret="changed-at-the-market"), given=lambda s: {"hook_secret": "changed-at-the-market"}),
    Case("hook_secret", 3, "secret_unchecked", lambda s: s.change_seller(hook_secret=""), given=lambda s: {"seller_center_admin_token": s.owner_token}),
    # Step 4: both sides mean the same
    Case("supplier_code", 4, "seller_settings_missing", lambda s: (world.Setting.objects.filter(key=SELLER).delete(), world.oms_upstream.forget())),
    Case("supplier_code", 4, "supplier_differs", lambda s: world.set_setting(SELLER, supplier_code="AMBAR-1")),
    Case("supplier_code.state", 4, "supplier_not_active", lambda s: s.change_seller(state="suspended"), mends=False, advice="make the seller active again"),
    Case("supplier_code.managed", 4, "supplier_not_managed", lambda s: s.change_seller(oms_managed=False), given=lambda s: {"seller_center_admin_token": s.owner_token}),
    Case("order_filters", 4, "filters_refuse_all", lambda s: world.set_setting(SELLER, order_filters=filter_rule(CITY_FILTER)), mends=False, advice="only big ones"),
    Case("order_filters", 4, "filters_broken", lambda s: world.force_setting(SELLER, order_filters=filter_rule({"field": "colour", "op": "eq", "value": 1})), mends=False, advice="correct order_filters"),
    Case("transitions.package.620", 4, "transitions_dead_end", lambda s: switched_off(source__enum_value="620")),
    Case("transitions.transfer.in_transit", 4, "transitions_dead_end", lambda s: (StateTransition.objects.filter(command_code="TransferDeliveredCommand").delete(), states.forget())),
    Case("package_event.package.status.packed_for_refund", 4, "event_unreachable", lambda s: switched_off(destination__enum_value="1100")),
    Case("transitions.package.ship-basic", 4, "transitions_broken", lambda s: (StateTransition.objects.filter(slug="ship-basic").update(command_code="GONE"), states.forget())),
    Case("status_map.600", 4, "status_map_unmapped", lambda s: without_status("600")),
    Case("status_map.620", 4, "status_map_backwards", lambda s: rows("status_map", **{"620": "450"})),
    Case("status_map.700", 4, "status_map_dead_end", lambda s: rows("status_map", **{"700": "545"})),
    Case("shipping", 4, "shipping_unmapped", lambda s: world.set_setting(SELLER, shipping={"cargo_company_map": {"aras": "Aras"}, "default": None})),
    Case("shipping.default", 4, "shipping_default", lambda s: rows("shipping", default="ups")),
    Case("scenario.installation.no_active_scenario", 4, "scenario_error", lambda s: no_scenario()),
    Case("scenario.installation.no_active_scenario", 4, "scenario_error", lambda s: no_scenario(gone=True)),
    Case("static_channel", 4, "channel_missed", lambda s: asked_for_a_channel()),
    Case("dictionary.districts", 4, "places_short", lambda s: District.objects.all().delete()),
    Case("dictionary.districts", 4, "places_short", lambda s: extra_place()),
    Case("dictionary.cities", 4, "places_differ", lambda s: renamed_city()),
    Case("package_states", 4, "packages_slipped", lambda s: slipped(), mends=False, advice="`ambar oms reconcile`"),
    Case("worker", 4, "worker_silent", lambda s: world.heartbeats.leave(), mends=False, advice="ambar oms work"),
]  # fmt: skip


def found_by(answer):
    return {finding["name"]: finding for finding in answer["findings"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.name}")
def test_it_is_found_named_and_mended(around, admin, case):
    try:
        case.breaks(around)
        answer = admin.get(f"{DOCTOR}?step={case.step}").json()
        finding = found_by(answer)[case.name]
        assert (finding["code"], finding["ok"], answer["ok"]) == (case.code, False, False)
        assert finding["what"] and finding["why"] and finding["fix"] and finding["tr"]["fix"]
        if not case.mends:
            assert case.advice in finding["fix"]
            assert (finding["can_fix"], finding["needs"]) == (False, [])
            return
        body = {"finding": case.name}
        assert finding["can_fix"] is True
        assert sorted(finding["needs"]) == sorted(case.given(around) if case.given else ())
        if case.given:
            asked = admin.post(f"{DOCTOR}fix/", body).json()
            assert [(did["outcome"], sorted(did["needs"])) for did in asked["did"]] == [
                ("needs", sorted(case.given(around)))
            ]
            assert found_by(asked)[case.name]["ok"] is False
            body["given"] = case.given(around)
        mended = admin.post(f"{DOCTOR}fix/", body).json()
        assert {did["outcome"] for did in mended["did"]} == {"done"}, mended["did"]
        assert found_by(mended).get(case.name, {"ok": True})["ok"] is True
    finally:
        around.mended()


def test_a_sound_integration_has_no_finding(around, admin):
    answer = admin.get(DOCTOR).json()
    assert [row for row in answer["findings"] if not row["ok"]] == []
    assert answer["ok"] is True
    names = {row["name"] for row in answer["findings"]}
    assert len([name for name in names if name.startswith("endpoint.")]) == 12
    assert len([name for name in names if name.startswith("package_hook.")]) == 9
    arrived = {row["code"] for row in answer["findings"] if row["name"].startswith("package_hook.")}
    assert arrived == {"package_hook_arrives"}
    assert found_by(answer)["hook_secret"]["code"] == "secret_checked"
    assert {row["name"] for row in answer["findings"] if not row["known"]} == {"oms_url"}


def test_mending_everything_at_once_leaves_the_hooks_of_others_alone(around, admin):
    try:
        around.switch_hook("order.created", True)
        without_entries("cities", "districts")
        changed_hook(is_active=False)
        District.objects.all().delete()
        without_status("700")
        others = [url for url in around.hooks_on() if not url.startswith(around.oms)]
        answer = admin.post(f"{DOCTOR}fix/", {}).json()
        assert answer["ok"] is True, [row for row in answer["findings"] if not row["ok"]]
        assert {did["finding"] for did in answer["did"] if did["outcome"] == "done"} == {
            "omnitron_hook.order.created",
            "endpoint.cities",
            "endpoint.districts",
            f"package_hook.{PACKED}",
            "dictionary.districts",
            "status_map.700",
        }
        assert around.hooks_on() == others
        assert admin.post(f"{DOCTOR}fix/", {}).json()["did"] == []
    finally:
        around.mended()


def test_what_a_later_step_brings_to_light_in_an_earlier_one_is_mended_in_the_same_run(around, admin):
    """While orders come from Omnitron its hooks are in order; they are not once the Seller Center's endpoint is back."""
    try:
        around.switch_hook("order.created", True)
        without_entries("orders")
        answer = admin.post(f"{DOCTOR}fix/", {}).json()
        assert [(did["finding"], did["outcome"]) for did in answer["did"]] == [
            ("endpoint.orders", "done"),
            ("omnitron_hook.order.created", "done"),
        ]
        assert answer["ok"] is True, [row for row in answer["findings"] if not row["ok"]]
        assert admin.post(f"{DOCTOR}fix/", {}).json()["did"] == []
    finally:
        around.mended()


def test_hooks_are_not_told_to_be_off_by_a_system_that_is_not_omnitron(around, admin):
    """A user of one name and password at both: what signs in need not be Omnitron."""
    try:
        around.switch_hook("order.created", True)
        urls(base_url=f"{around.market}/api/v1")
        found = found_by(admin.get(f"{DOCTOR}?step=1").json())
        assert found["omnitron_login"]["what"] == (
            f"what answers at {around.market}/api/v1 is not Omnitron: it says that it is seller_center"
        )
        assert (found["omnitron_hooks"]["code"], found["omnitron_hooks"]["ok"]) == ("hooks_unseen", False)
        given = {"finding": "omnitron_login", "given": {"omnitron_url": around.market}}
        (did,) = admin.post(f"{DOCTOR}fix/", given).json()["did"]
        assert did["outcome"] == "failed"
        assert world.setting(CLIENT)["urls"]["base_url"] == f"{around.market}/api/v1"
    finally:
        around.mended()


def test_a_dictionary_whose_endpoint_is_missing_is_not_copied_from_omnitron(around, admin):
    without_entries(*plans.REDIRECTED)
    found = found_by(admin.get(f"{DOCTOR}?step=4").json())
    told = {(one["code"], one["known"]) for name, one in found.items() if name.startswith("dictionary.")}
    assert told == {("places_untold", False)}
    did = {one["finding"] for one in admin.post(f"{DOCTOR}fix/", {}).json()["did"]}
    assert did == {f"endpoint.{name}" for name in plans.REDIRECTED}


def test_what_is_not_there_can_not_be_mended(around, admin):
    answer = admin.post(f"{DOCTOR}fix/", {"finding": "omnitron_hook.order.created"})
    assert (answer.status_code, "omnitron_hook.order.created" in answer.content.decode()) == (404, True)
    assert admin.post(f"{DOCTOR}fix/", {"finding": ""}).status_code == 400
    assert admin.post(f"{DOCTOR}fix/", {"given": {"colour": "red"}}).status_code == 400


def test_no_secret_is_told_by_a_finding_or_a_deed(around, admin):
    changed_hook(secret_sealed=vault.seal("another-secret-of-ours"))
    world.set_entry("orders", token="a-token-nobody-knows")
    said = admin.post(f"{DOCTOR}fix/", {"given": {"hook_secret": "a-secret-that-was-given"}}).content.decode()
    said += admin.get(f"{DOCTOR}last/").content.decode() + admin.get(DOCTOR).content.decode()
    secrets = (world.SECRET, world.PASSWORD, around.token, "another-secret", "nobody-knows", "that-was-given")
    assert [one for one in secrets if one in said] == []


def test_a_token_in_the_address_of_a_hook_is_told_by_no_finding(around, admin):
    try:
        astray = f"{around.closed}/in/?shop=5&api_key=canary-of-a-brand"
        changed_hook(target_url=astray)
        around.switch_hook("order.created", True)
        said = admin.get(DOCTOR).json()
        assert found_by(said)[f"package_hook.{PACKED}"]["what"].startswith(
            f"{PACKED} goes to {around.closed}/in/?shop=****&api_key=****rand instead of "
        )
        assert "canary" not in admin.get(f"{DOCTOR}last/").content.decode()
    finally:
        around.mended()


def test_the_static_channel_may_be_made_before_its_first_order(around, admin):
    Channel.objects.all().delete()
    before = found_by(admin.get(f"{DOCTOR}?step=4").json())["static_channel"]
    assert (before["code"], before["ok"], before["can_fix"]) == ("channel_not_yet", True, True)
    mended = admin.post(f"{DOCTOR}fix/", {"finding": "static_channel"}).json()
    assert [did["outcome"] for did in mended["did"]] == ["done"]
    assert list(Channel.objects.values_list("source", "upstream_id", "name")) == [
        ("seller_center", 1, "Seller Center")
    ]


def test_a_signature_refused_for_its_time_is_told_from_a_wrong_secret(around, admin, monkeypatch):
    slow = SimpleNamespace(now=lambda: clock.now() - timedelta(minutes=15))
    monkeypatch.setattr(sender, "clock", slow)
    found = found_by(admin.get(f"{DOCTOR}?step=3").json())
    finding = found[f"package_hook.{PACKED}"]
    assert (finding["code"], finding["ok"], finding["can_fix"]) == ("package_hook_time", False, False)
    assert "NTP" in finding["fix"]


def test_a_clock_that_runs_ahead_is_told_for_both_systems(around, admin, monkeypatch):
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=7))
    found = found_by(admin.get(f"{DOCTOR}?step=4").json())
    for name, system in (("clock.seller_center", "Seller Center"), ("clock.omnitron", "Omnitron")):
        assert (found[name]["code"], found[name]["ok"]) == ("clock_off", False)
        assert system in found[name]["what"] and "NTP" in found[name]["fix"]
        assert found[name]["can_fix"] is False
