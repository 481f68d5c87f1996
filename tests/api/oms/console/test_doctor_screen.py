"""The doctor's screen: what its buttons do, and for whom."""

from __future__ import annotations

import pytest
from django.test import Client

from ambar.kit import accounts
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.doctor.actions.record import record
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.models import Examination, OpenFinding
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db
PAGE = "/settings/doctor/"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    world.forget()
    yield
    world.forget()


def signed_in(role: str, language: str = "en") -> Client:
    bounds = {"location_ids": [1]} if role == "location_operator" else {}
    user = accounts.ensure_user(f"a-{role}", None, [role], bounds)
    client = Client()
    client.cookies["ambar_language"] = language
    client.force_login(user)
    return client


def test_looking_is_a_button_and_what_was_found_stays_on_the_sheet():
    client = signed_in("admin")
    assert "Not checked yet." in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}look/").status_code == 405
    assert client.post(f"{PAGE}look/").url == PAGE
    assert list(Examination.objects.values_list("asked_by", "ok")) == [("asked", False)]
    page = client.get(PAGE).content.decode()
    assert "OMNITRON_CLIENT_SETTINGS is not set" in page
    assert 'name="seller_center_token"' in page and 'type="password"' in page
    assert Examination.objects.count() == 1


def test_mending_says_what_it_needs_and_is_audited_without_what_was_given():
    client = signed_in("admin")
    given = {"finding": "settings", "omnitron_password": "a-password-that-was-typed"}
    page = client.post(f"{PAGE}mend/", given, follow=True).content.decode()
    assert "settings: give first: " in page and "Address of Omnitron" in page
    assert "a-password-that-was-typed" not in page
    (entry,) = AuditEntry.objects.filter(action="doctor.mended")
    assert entry.detail == {"finding": "settings", "outcome": "needs"}
    assert OpenFinding.objects.filter(name="settings").exists()


def test_who_may_only_read_sees_no_button_and_can_not_mend():
    client = signed_in("planner")
    client.post(f"{PAGE}look/")
    page = client.get(PAGE).content.decode()
    assert "SELLER_CENTER_SETTINGS is not set" in page
    assert f"{PAGE}mend/" not in page and f"{PAGE}walk/" not in page
    assert client.post(f"{PAGE}mend/").status_code == 403
    assert client.post(f"{PAGE}walk/").status_code == 403
    assert signed_in("location_operator").get(PAGE).status_code == 403


def test_the_walk_is_a_button_and_its_findings_stand_under_step_5():
    client = signed_in("admin")
    client.post(f"{PAGE}walk/")
    assert "makes no synthetic orders up" in client.get(PAGE).content.decode()
    assert list(Examination.objects.values_list("asked_by", "steps")) == [("walk", [5])]


def test_findings_and_deeds_are_turkish_on_turkish_screens():
    client = signed_in("admin", "tr")
    client.post(f"{PAGE}look/")
    page = client.get(PAGE).content.decode()
    assert "OMNITRON_CLIENT_SETTINGS ayarlanmamış" in page and "is not set" not in page
    said = client.post(f"{PAGE}mend/", {"finding": "supplier_code"}, follow=True).content.decode()
    assert "önce şunları verin: Tedarikçi kodu" in said
    assert "Entegrasyonda 2 bulgu var" in client.get("/").content.decode()


def test_what_is_mended_meanwhile_is_no_error():
    page = signed_in("admin").post(f"{PAGE}mend/", {"finding": "endpoint.cities"}, follow=True)
    assert "That is mended already." in page.content.decode()


def test_what_becomes_of_a_former_seller_center_s_hooks_is_chosen_from_two():
    root = "https://old.example.com/api/v1/applications/oms"
    figures = {
        "root": root,
        "count": 9,
        "waiting": 2,
        "there": "it pushes nothing here",
        "there_tr": "itmiyor",
    }
    found = Finding(
        step=3,
        name=f"former_seller_center.{root}",
        code="former_sends",
        figures=figures,
        remedy="leave_former",
        needs=("former_hooks",),
    )
    record([found], steps=[3], asked_by="asked", started_at=world.NOW, finished_at=world.NOW)
    page = signed_in("admin", "tr").get(PAGE).content.decode()
    assert "9 paket webhook&#x27;u hâlâ eski Seller Center&#x27;a" in page and "2 olay onu bekliyor" in page
    assert (
        '<option value="off">Kapat</option><option value="keep">Olduğu gibi bırak</option></select>' in page
    )
