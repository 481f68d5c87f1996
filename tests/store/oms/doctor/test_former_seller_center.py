"""Moved to another Seller Center: hooks to and from the former one are named, and switched off only when a person says so."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from ambar.kit import accounts, vault
from ambar.kit.outbox.models import Hook
from ambar.kit.refusals import NotFound
from ambar.oms.doctor.actions.checks import former_seller_center
from ambar.oms.doctor.actions.mend import mend
from ambar.oms.doctor.domain import texts
from ambar.oms.doctor.domain.mended import Given
from ambar.oms.doctor.models import FormerSellerCenter, OpenFinding
from ambar.oms.doctor.visit import Visit
from ambar.oms.setup import integration_plan as plans
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db
OURS = "https://oms.example.com/api/v1"
HOOKS = "/api/v1/whisperer/hooks/"


@pytest.fixture
def markets(monkeypatch):
    """The Seller Center that orders come from now, and the former one, which pushed order.created here."""
    with world.serving() as now, world.serving() as former:
        allowed = ",".join(urlsplit(one.base).netloc for one in (now, former))
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", allowed)
        settings = world.client_settings(now.base)
        settings["urls"]["oms_url"] = OURS
        world.configure("OMNITRON_CLIENT_SETTINGS", settings)
        former.rows = [
            {"id": 7, "event_type": "order.created", "target_url": f"{OURS}/oms/orders-webhook/", "is_active": True},
            {"id": 8, "event_type": "order.created", "target_url": "https://else.example.com/", "is_active": True},
        ]  # fmt: skip
        former.routes["GET", HOOKS] = lambda query, body: (200, {"count": 2, "results": former.rows})
        former.routes["PATCH", f"{HOOKS}7/"] = lambda query, body: (200, former.rows[0].update(body) or {})
        yield now, former
    world.forget()


def hooks_to(base: str, owner: str, *events: str) -> list[Hook]:
    user = accounts.ensure_user(owner, None, ["admin"], {})
    plan = plans.IntegrationPlan(
        oms_url="", oms_token="", omnitron_url="", omnitron_username="", omnitron_password="",
        seller_center_url=base, seller_center_token="", supplier_code="",
    )  # fmt: skip
    targets = plans.package_hooks(plan)
    return [
        Hook.objects.create(
            user=user, event_type=event, target_url=targets[event], created_at=world.NOW, modified_at=world.NOW,
            retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 1}},
            additional_headers={"Authorization": vault.seal("Token of-that-seller-center")},
        )
        for event in events or targets
    ]  # fmt: skip


def findings() -> list:
    return former_seller_center.check(Visit(now=world.NOW))


def mended(root: str, choice: str = "") -> list[tuple[str, str]]:
    owner = accounts.ensure_user("mender", None, ["admin"], {})
    given = Given(user_id=owner.pk, values={"former_hooks": choice} if choice else {})
    did, _ = mend(given, only=former_seller_center.name_of(root), now=world.NOW)
    return [(one.mended.outcome, one.mended.en) for one in did]


def root_of(market: world.FakeUpstream) -> str:
    return f"{market.base}/api/v1/applications/oms"


def test_hooks_of_both_sides_are_named_and_nothing_is_switched_off_unasked(markets):
    now, former = markets
    hooks_to(now.base, "a")
    hooks_to(former.base, "b")
    (found,) = findings()
    assert (found.code, found.figures["count"], found.figures["pushing"]) == ("former_sends", 9, 1)
    what, _, fix = texts.said(found, "en")
    assert root_of(former) in what and "hooks of it that push orders here: 1" in what
    assert "--former-hooks off" in fix
    assert former.requests[-1][4] == "Token of-that-seller-center"
    assert mended(root_of(former)) == [("needs", "needs former_hooks")]
    assert mended(root_of(former), "perhaps") == [("failed", "former_hooks is off or keep")]
    assert Hook.objects.filter(is_active=True).count() == 18 and former.rows[0]["is_active"]
    assert OpenFinding.objects.filter(code="former_sends").count() == 1


def test_off_switches_them_off_on_both_sides_and_then_the_former_is_asked_no_more(markets):
    now, former = markets
    hooks_to(now.base, "a")
    hooks_to(former.base, "b")
    assert mended(root_of(former), "off") == [("done", "package hooks switched off here: 9, there: 1")]
    active = set(Hook.objects.filter(is_active=True).values_list("target_url", flat=True))
    assert active == {f"{root_of(now)}/packages/", f"{root_of(now)}/packages/update-status/"}
    assert [row["is_active"] for row in former.rows] == [False, True]
    assert not OpenFinding.objects.filter(name__startswith="former_").exists()
    assert FormerSellerCenter.objects.get().outcome == "left"
    asked = len(former.requests)
    assert findings() == [] and len(former.requests) == asked
    Hook.objects.filter(target_url__startswith=former.base, event_type="package.created").update(
        is_active=True
    )
    assert [(one.code, one.figures["count"]) for one in findings()] == [("former_sends", 1)]


def test_one_that_can_not_be_asked_stays_open_until_it_is_dismissed(markets):
    now, former = markets
    hooks_to(now.base, "a")
    hooks_to(former.base, "b", "package.created")
    former.routes["GET", HOOKS] = lambda query, body: (401, {"detail": "Invalid token."})
    did = mended(root_of(former), "off")
    said = f"{former.base} can't be asked what it pushes here: it answered 401"
    assert did == [
        ("done", f"package hooks switched off here: 1; {said}"),
        ("failed", f"package hooks switched off here: 0; {said}"),
    ]
    assert OpenFinding.objects.get(name__startswith="former_").code == "former_silent"
    assert mended(root_of(former), "keep") == [("done", f"{root_of(former)} is left as it is")]
    assert not OpenFinding.objects.filter(name__startswith="former_").exists()
    assert [(one.code, texts.ok(one)) for one in findings()] == [("former_dismissed", True)]
    with pytest.raises(NotFound):
        mended(root_of(former), "off")


def test_a_hook_that_only_leads_elsewhere_is_moved_by_the_hooks_own_check_and_is_nobody_s_former(markets):
    _, former = markets
    hooks_to(former.base, "b")
    assert findings() == []


def test_one_that_came_back_is_forgotten_as_a_former_one(markets):
    now, former = markets
    hooks_to(now.base, "a")
    hooks_to(former.base, "b")
    mended(root_of(former), "keep")
    world.configure("OMNITRON_CLIENT_SETTINGS", world.client_settings(former.base))
    findings()
    assert not FormerSellerCenter.objects.filter(root=root_of(former)).exists()


def test_a_former_one_without_hooks_pushes_nothing(markets):
    now, former = markets
    hooks_to(now.base, "a")
    hooks_to(former.base, "b", "package.created")
    del former.routes["GET", HOOKS]
    assert mended(root_of(former), "off") == [("done", "package hooks switched off here: 1, there: 0")]
    assert findings() == []
