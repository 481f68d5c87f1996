from __future__ import annotations

import base64
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ambar.kit import clock
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.invoices import store
from ambar.oms.invoices.domain.asking import service
from ambar.oms.invoices.models import Invoice, InvoiceDocument
from ambar.oms.packages.models import Package
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, build, events_of, log_of, package, picture

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 an invoice"
UPDATE = {
    "slug": "update-invoice-packed",
    "invoice_number": "F1",
    "invoice_date": "2026-01-15T10:00:00+03:00",
    "document_type": "e_invoice",
    "document_content": base64.b64encode(PDF).decode(),
    "invoice_url": "https://erp.example/f1",
}


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def planner(db):
    return caller("planner")


def packed(world, **given):
    made = package(world, **given)
    run_command(made.id, slug="complete-packaging-from-waiting", now=T0)
    return made


def update(planner, made, **changed):
    body = {name: value for name, value in {**UPDATE, **changed}.items() if value is not ...}
    return planner.post(f"/packages/{made.id}/command/", body)


def test_an_invoice_that_is_brought_along_is_kept_told_and_to_be_had(world, planner):
    made = packed(world)
    Package.objects.update(sync_pending_at=None)
    assert update(planner, made).status_code == 204
    row = Package.objects.get(pk=made.id)
    assert (row.state, row.invoice_number, clock.iso(row.invoice_date)) == (
        500,
        "F1",
        "2026-01-15T07:00:00.000000Z",
    )
    assert row.sync_pending_at is not None
    assert events_of(made.id)[-1] == ("package.status.transitioned", row.sequence)
    assert log_of(made.id)[-1] == ("500", "500", "UpdateInvoiceOfThePackageCommand")
    shown = planner.get(f"/packages/{made.id}/").json()
    assert (shown["invoice_number"], shown["invoice"]["number"], shown["invoice_call"]) == ("F1", "F1", None)
    record = planner.get("/invoices/", package=made.id).json()["results"][0]
    assert {
        name: record[name]
        for name in ("number", "document_type", "source", "is_current", "url", "content_type")
    } == {
        "number": "F1",
        "document_type": "e_invoice",
        "source": "given",
        "is_current": True,
        "url": "https://erp.example/f1",
        "content_type": "application/pdf",
    }
    document = planner.client.get(record["document"], headers=planner.headers)
    assert (document.status_code, document.content, document["Content-Type"]) == (200, PDF, "application/pdf")
    assert document["Content-Disposition"] == 'attachment; filename="invoice-F1.pdf"'
    assert (
        document["X-Content-Type-Options"] == "nosniff" and "sandbox" in document["Content-Security-Policy"]
    )


def test_a_newer_invoice_replaces_the_former_which_is_kept(world, planner):
    made = packed(world)
    update(planner, made)
    assert (
        update(planner, made, invoice_number="F2", document_content=..., invoice_url=...).status_code == 204
    )
    rows = planner.get(f"/packages/{made.id}/invoices/").json()["results"]
    assert [(row["number"], row["is_current"], row["document"] is None) for row in rows] == [
        ("F2", True, True),
        ("F1", False, False),
    ]
    assert rows[1]["replaced_date"] == rows[0]["created_date"]
    assert planner.get("/invoices/", is_current="true", number="F1").json()["count"] == 0
    assert (
        planner.get(f"/invoices/{rows[0]['id']}/document/").json()["detail"]
        == "This invoice has no document here."
    )


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("invoice_number", [..., None, "", "  ", 5, "x" * 129, "a\x00b", "a\nb", ["F"]]),
        ("invoice_date", ["yesterday", 5, {}, "2026-13-01T00:00:00Z", ""]),
        ("document_type", ["", " ", "x" * 33, 5, "a\x00"]),
        ("document_content", ["", "%%%", "QUJD", 5, base64.b64encode(b"<html>").decode(), [1]]),
        (
            "invoice_url",
            [
                "",
                "javascript:alert(1)",
                "ftp://a/",
                "https://u:p@a/",
                "https://a/ b",
                "http://",
                "https://a/" + "b" * 2048,
                5,
            ],
        ),
        ("colour", ["blue"]),
    ],
)
def test_bad_input_is_refused_by_name_and_changes_nothing(world, planner, field, values):
    made = packed(world)
    before = picture(made.id)
    for value in values:
        answer = update(planner, made, **{field: value})
        assert answer.status_code == 400, (field, value)
        named = "non_field_errors" if field == "invoice_number" and value in (..., None) else field
        assert list(answer.json()) == [named], (field, value, answer.content)
    assert picture(made.id) == before
    assert (Invoice.objects.count(), InvoiceDocument.objects.count()) == (0, 0)


def test_a_document_that_is_too_large_is_refused_before_anything_is_done(world, planner):
    made = packed(world)
    large = base64.b64encode(b"%PDF-" + b"0" * (5 * 1024 * 1024)).decode()
    answer = update(planner, made, document_content=large)
    assert (answer.status_code, list(answer.json())) == (400, ["document_content"])
    assert "larger than 5 MiB" in answer.json()["document_content"][0]


def test_where_nobody_is_asked_the_number_is_required_and_the_form_says_so(world, planner):
    made = packed(world)
    assert update(planner, made, **{name: ... for name in UPDATE if name != "slug"}).json() == {
        "invoice_number": ["This field is required."]
    }
    offered = planner.get(f"/packages/{made.id}/").json()["commands"]
    schema = next(one["parameters"] for one in offered if one["slug"] == "update-invoice-packed")
    assert schema["required"] == ["invoice_number"]
    waiting = package(world)
    assert list(update(planner, waiting).json()) == ["transition"]


def test_many_invoices_come_in_one_call_each_with_its_own_verdict(world, planner):
    made = [packed(world) for _ in range(3)]
    body = {
        "slug": "update-invoice-packed",
        "packages": [
            {"package": made[0].id, "invoice_number": "A"},
            {"package": made[1].id, "invoice_number": ""},
            {"package": made[2].id, "invoice_number": "C"},
        ],
    }
    answer = planner.post("/packages/bulk-command/", body).json()
    assert (answer["done"], [row["done"] for row in answer["verdicts"]]) == (2, [True, False, True])
    assert list(Package.objects.order_by("id").values_list("invoice_number", flat=True)) == ["A", None, "C"]


def test_a_link_of_our_own_without_a_document_is_drawn(world, planner):
    made = packed(world)
    nobody = service("invoice", {"generate_invoice_number": True, "generate_invoice_url": True})
    options = {"source": 500, "command_code": "X", "slug": "x", "anew": True, "now": T0}
    store.keep_answer(store.claim([made.id], nobody, **options)[0], None, now=T0)
    store.use_answers(store.lock_open_calls([made.id]), user_id=None, now=T0)
    record = planner.get("/invoices/").json()["results"][0]
    answer = planner.client.get(record["document"], headers=planner.headers)
    assert (answer.status_code, answer.content[:5], record["source"]) == (200, b"%PDF-", "made")


def failed_call(world, **given):
    made = package(world, **given)
    asked = service("invoice", {"remote_url": "https://erp.example/"})
    options = {"source": 100, "command_code": "X", "slug": "x", "anew": False, "now": T0}
    store.keep_failure(store.claim([made.id], asked, **options)[0], "status 503", now=T0)
    return made


def test_a_failure_is_listed_and_shown_with_its_package(world, planner):
    made = failed_call(world)
    call = planner.get(f"/packages/{made.id}/").json()["invoice_call"]
    assert (call["state"], call["failure"], call["attempts"], call["transition"]) == (
        "failed",
        "status 503",
        1,
        "x",
    )
    assert planner.get("/invoice-calls/", state="failed", package=made.id).json()["results"] == [call]
    assert planner.get("/invoice-calls/", state="answered").json()["count"] == 0
    run_command(made.id, slug="complete-packaging-from-waiting", now=T0)
    assert planner.get(f"/packages/{made.id}/").json()["invoice_call"] == call
    update(planner, made)
    assert planner.get(f"/packages/{made.id}/").json()["invoice_call"] is None


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/invoices/", {"source": "other"}),
        ("/invoices/", {"is_current": "maybe"}),
        ("/invoices/", {"package": "x"}),
        ("/invoices/", {"date__gte": "soon"}),
        ("/invoices/", {"sort": "url"}),
        ("/invoices/", {"colour": "blue"}),
        ("/invoice-calls/", {"state": "lost"}),
        ("/invoice-calls/", {"purpose": "tax"}),
    ],
)
def test_bad_filters_are_named(planner, path, query):
    answer = planner.get(path, **query)
    assert (answer.status_code, list(answer.json())) == (400, list(query))


def test_what_lies_elsewhere_is_like_what_is_missing(world, planner):
    made = packed(world)
    update(planner, made)
    failed_call(world)
    invoice = Invoice.objects.get().pk
    other = caller("location_operator", location_ids=[world.locations["ST1"]])
    for path in ("/invoices/{}/", "/invoices/{}/document/", "/packages/{}/invoices/"):
        own_id = made.id if "packages" in path else invoice
        answers = [other.get(path.format(pk)) for pk in (own_id, 987_654, 2**70)]
        assert [a.status_code for a in answers] == [404] * 3, path
        assert len({a.content for a in answers}) == 1
    assert (other.get("/invoices/").json()["count"], other.get("/invoice-calls/").json()["count"]) == (0, 0)
    assert AuditEntry.objects.filter(action__contains="foreign").count() == 3
    own = caller("location_operator", username="own", location_ids=[world.locations["WH1"]])
    assert own.get(f"/invoices/{invoice}/document/").content == PDF


def test_a_list_costs_the_same_however_long(world, planner):
    counts = []
    for _ in range(2):
        for _ in range(2):
            made = packed(world)
            update(planner, made)
            failed_call(world)
        planner.get("/invoices/")
        with CaptureQueriesContext(connection) as asked:
            assert planner.get("/invoices/").json()["count"] == planner.get("/invoice-calls/").json()["count"]
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_bill_services_are_checked_and_their_secrets_never_answered(monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "127.0.0.1:9")
    one = caller("admin")
    good = {
        "name": "erp",
        "source": "seller_center",
        "remote_url": "http://127.0.0.1:9/bills",
        "auth": {"request_type": "token", "token": "a very long secret token"},
    }

    def put(*services):
        return one.post(
            "/settings/application_settings/",
            {"key": "BILL_FULFILLMENT_SETTINGS", "json_value": {"services": services}},
        )

    for wrong in (
        {**good, "colour": 1},
        {**good, "remote_url": "http://169.254.169.254/"},
        {**good, "remote_url": ""},
        {**good, "source": None},
        {**good, "auth": {"request_type": "token"}},
        {**good, "auth": {"request_type": "anonymous", "password": "x"}},
        {**good, "timeouts": {"read": 0}},
        {**good, "name": ""},
    ):
        answer = put(wrong)
        assert (answer.status_code, list(answer.json())) == (400, ["json_value"]), wrong
    assert "the same name" in put(good, {**good, "channel": "x"}).json()["json_value"][0]
    answer = put(good)
    assert answer.status_code == 201, answer.content
    assert "very long" not in answer.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT value::text FROM oms_app_settings_setting")
        assert "very long" not in json.dumps(cursor.fetchall())


def test_a_parameter_that_the_command_does_not_obey_is_refused():
    from ambar.oms.states.models import StateTransition

    row = StateTransition.objects.get(slug="shipment-info-packed")
    call = {"remote_invoice_call": {"remote_url": "http://93.184.216.34/"}}
    answer = caller("admin").patch(f"/state-transitions/{row.pk}/", {"parameters": call})
    assert answer.json() == {"parameters": ["remote_invoice_call has no effect on this command."]}
