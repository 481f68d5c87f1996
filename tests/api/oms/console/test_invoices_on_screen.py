"""The invoice of a package on its screen: number, document, why it failed, and trying again."""

from __future__ import annotations

import base64

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.invoices import store
from ambar.oms.invoices.domain.answers import Answer
from ambar.oms.invoices.domain.asking import service
from ambar.oms.packages.models import Package
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db
PACK = "complete-packaging-from-waiting"
PDF = b"%PDF-1.4 an invoice"


@pytest.fixture
def client(db):
    found = Client()
    found.force_login(accounts.ensure_user("admin", "a long password 1", ["admin"], {}))
    return found


def asked(made):
    one = service("invoice", {"remote_url": "https://erp.example/"})
    options = {"source": 100, "command_code": "X", "slug": PACK, "anew": False, "now": T0}
    return store.claim([made.id], one, **options)[0]


def test_a_failure_says_why_and_offers_the_command_again(client):
    made = package(build())
    store.keep_failure(asked(made), "status 503: <closed>", now=T0)
    path = f"/packages/{made.id}/"
    shown = client.get(path).content.decode()
    assert "The invoice could not be had: status 503: &lt;closed&gt;" in shown
    assert shown.count(f'value="{PACK}"') >= 2 and "Try again: Packaging Completed" in shown
    turkish = client.get(path, headers={"Accept-Language": "tr"}).content.decode()
    assert "Fatura alınamadı: status 503" in turkish and "Yeniden dene: Paketleme Tamamlandı" in turkish
    client.post(f"{path}action/", {"slug": PACK})
    assert Package.objects.get(pk=made.id).state == 500
    assert "Try again" not in client.get(path).content.decode()


def test_an_invoice_that_waits_is_told(client):
    made = package(build())
    store.keep_answer(asked(made), Answer(number="F<7>"), now=T0)
    assert "Invoice F&lt;7&gt; was made and waits" in client.get(f"/packages/{made.id}/").content.decode()


def test_number_date_and_document_are_shown_and_the_form_refuses_in_words(client):
    made = package(build())
    run_command(made.id, slug=PACK, now=T0)
    path, slug = f"/packages/{made.id}/", "update-invoice-packed"
    form = client.get(f"{path}?action={slug}").context["chosen"].fields
    assert [(field.name, field.required) for field in form] == [
        ("invoice_number", True),
        ("invoice_date", False),
        ("document_type", False),
        ("invoice_url", False),
    ]
    wrong = client.post(
        f"{path}action/", {"slug": slug, "invoice_number": "F1", "invoice_url": "javascript:x"}
    )
    assert wrong.status_code == 400 and "must be an http or https URL" in wrong.content.decode()
    client.post(
        f"{path}action/", {"slug": slug, "invoice_number": "F1", "invoice_url": "https://erp.example/f1"}
    )
    linked = client.get(path).content.decode()
    assert "F1" in linked and 'href="https://erp.example/f1" rel="noopener noreferrer"' in linked
    given = {"invoice_number": "F2", "document_content": base64.b64encode(PDF).decode()}
    run_command(made.id, slug=slug, parameters=given, now=T0)
    invoice = client.get(path).context["invoice"]
    assert f'href="{invoice["document"]}" download' in client.get(path).content.decode()
    assert client.get(invoice["document"]).content == PDF


def test_the_screen_costs_three_statements_more_for_its_invoice_at_most(client):
    world = build()
    made = package(world)
    run_command(made.id, slug=PACK, now=T0)
    path = f"/packages/{made.id}/"
    counts = []
    for number in (None, "F1", "F2"):
        if number:
            run_command(made.id, slug="update-invoice-packed", parameters={"invoice_number": number}, now=T0)
        client.get(path)
        with CaptureQueriesContext(connection) as statements:
            client.get(path)
        counts.append(len(statements))
    assert counts[1] == counts[2] and counts[1] - counts[0] <= 1
