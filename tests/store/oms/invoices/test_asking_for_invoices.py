"""Commands that ask an ERP over real HTTP: what they ask, what they keep, and that nothing is locked meanwhile."""

from __future__ import annotations

import base64
import re
import threading
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from ambar.cli.fake.erp_ledger import BUSY, FINE, GARBLED, LOST, Ledger
from ambar.cli.fake.erp_server import Running
from ambar.kit import clock
from ambar.kit.refusals import Conflict, Invalid
from ambar.oms.app_settings.actions import set_value
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.shipments.follow_parcels import follow_parcels
from ambar.oms.invoices import store
from ambar.oms.invoices.models import Invoice, InvoiceCall, InvoiceDocument
from ambar.oms.invoices.request_body import request_bodies
from ambar.oms.packages.models import Package
from ambar.oms.shipments import carrier_store
from ambar.oms.shipments.models import Shipment
from ambar.oms.upstream.actions.sync_statuses import note_changes
from ambar.oms.upstream.domain.statuses import DEFAULT_MAP
from ambar.oms.upstream.models import StatusSync
from tests.worlds.callers import caller
from tests.worlds.invoice_services import PACK, Erp, asks, invoice_call
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, build, events_of, package, picture
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.4 an invoice"
ANSWER = {
    "invoice_number": "F77",
    "invoice_date": "2026-01-15T08:00:00Z",
    "document_type": "e_archive",
    "document_content": base64.b64encode(PDF).decode(),
}


@pytest.fixture
def erp(monkeypatch):
    found = Erp()
    found.behave = lambda _: (200, ANSWER)
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", found.address)
    yield found
    found.close()


@pytest.fixture
def world(transactional_db):
    return build()


def pack(package_id, slug=PACK):
    return run_command(package_id, slug=slug, now=clock.now())


def failing(package_id, slug=PACK):
    with pytest.raises(Conflict) as caught:
        pack(package_id, slug)
    return caught.value


def row(made):
    return Package.objects.get(pk=made.id)


def test_packing_asks_for_the_invoice_and_tells_its_number_with_the_event(world, erp):
    listen("package.status.packed")
    asks(PACK, remote_invoice_call=invoice_call(erp, auth={"request_type": "token", "token": "s3cret"}))
    made = package(world)
    pack(made.id)
    (asked,) = erp.asked
    body = asked["body"]
    assert (asked["method"], asked["headers"]["Authorization"]) == ("POST", "Bearer s3cret")
    assert (
        body["package"]["number"] == made.number
        and body["command"] == "CompletePackagingWithoutShipmentCommand"
    )
    assert [(i["sku"], i["quantity"], i["amount"], i["tax_rate"]) for i in body["items"]] == [
        ("SKU-A", "1.000", "100.00", "20.00"),
        ("SKU-B", "1.000", "100.00", "20.00"),
    ]
    assert (body["billing_address"]["city"], body["customer"]["last_name"]) == ("İstanbul", "Yılmaz")
    found = row(made)
    assert (found.state, found.invoice_number, clock.iso(found.invoice_date)) == (
        500, "F77", "2026-01-15T08:00:00.000000Z",
    )  # fmt: skip
    invoice = Invoice.objects.get()
    assert (invoice.source, invoice.document_type, invoice.is_current) == ("remote", "e_archive", True)
    assert bytes(InvoiceDocument.objects.get(invoice=invoice).content) == PDF
    call = InvoiceCall.objects.get()
    assert (call.state, call.content, call.failure, str(call.key)) == ("used", None, "", erp.keys()[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM outbox_event WHERE type = 'package.status.packed'")
        assert b'"invoice_number":"F77"' in str(cursor.fetchone()[0]).replace(" ", "").encode()


def test_basic_authentication_is_sent_as_configured(world, erp):
    auth = {"request_type": "basic_auth", "username": "oms", "password": "pw"}
    asks(PACK, remote_invoice_call=invoice_call(erp, auth=auth))
    pack(package(world).id)
    assert erp.asked[0]["headers"]["Authorization"] == "Basic " + base64.b64encode(b"oms:pw").decode()


def test_nothing_is_locked_and_nothing_written_while_the_service_thinks(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)
    before = picture(made.id)
    settings = connection.get_connection_params()
    seen = []

    def look(_):
        with psycopg.connect(
            dbname=settings["dbname"],
            host=settings.get("host"),
            user=settings.get("user"),
            port=settings.get("port"),
        ) as other:
            other.execute("SET lock_timeout = '200ms'")
            seen.append(other.execute("SELECT state FROM oms_packages_package FOR UPDATE NOWAIT").fetchall())
            other.execute("SELECT 1 FROM oms_invoices_invoicecall FOR UPDATE NOWAIT")
            other.execute("SELECT 1 FROM oms_orders_order FOR UPDATE NOWAIT")
            other.execute("SELECT 1 FROM oms_stock_balance FOR UPDATE NOWAIT")
            seen.append(
                other.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
                ).fetchone()
            )
        try:
            seen.append(picture(made.id) == before)
        finally:
            connections.close_all()
        return 200, ANSWER

    erp.behave = look
    pack(made.id)
    assert seen == [[(100,)], (0,), True]
    assert row(made).state == 500


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (503, {"message": "closed for a moment"}, "status 503: closed for a moment"),
        (422, {"error": "tax number missing"}, "status 422: tax number missing"),
        (302, b"", "status 302"),
        (202, {}, "status 202: there is no invoice yet"),
        (200, b"<html>", "the answer is not JSON"),
        (200, {"invoice_number": ""}, "the answer holds no invoice_number"),
        (200, {**ANSWER, "document_content": "###"}, "document_content: the document is not base64"),
        (
            200,
            {**ANSWER, "invoice_url": "ftp://x/"},
            "invoice_url must be an http or https URL without credentials",
        ),
    ],
)
def test_a_failure_leaves_the_package_as_it_was_with_the_reason(world, erp, status, body, reason):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)
    before = picture(made.id)
    erp.behave = lambda _: (status, body)
    refusal = failing(made.id)
    assert (refusal.code, refusal.params) == ("invoice_failed", {"reason": reason})
    assert picture(made.id) == before
    call = InvoiceCall.objects.get()
    assert (call.state, call.failure, call.attempts, call.asked_until) == ("failed", reason, 1, None)
    erp.behave = lambda _: (200, ANSWER)
    pack(made.id)
    assert len(erp.keys()) == 2 and len(set(erp.keys())) == 1
    assert (row(made).invoice_number, Invoice.objects.count()) == ("F77", 1)


def test_a_service_that_says_nothing_in_time_or_is_not_there_is_a_failure(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp, timeouts={"read": 1, "connect": 1}))
    made = package(world)
    waiting = threading.Event()
    erp.behave = lambda _: (waiting.wait(LONG_SECONDS), (200, ANSWER))[1]
    assert failing(made.id).params == {"reason": "no answer within 2 s"}
    waiting.set()
    erp.close()
    assert failing(made.id).params == {"reason": "no answer (ConnectError)"}


def test_no_secret_and_no_forbidden_address_gets_out(world, erp, monkeypatch):
    auth = {"request_type": "token", "token": "s3cret\nX: y"}
    asks(PACK, remote_invoice_call=invoice_call(erp, auth=auth))
    made = package(world)
    assert failing(made.id).params == {"reason": "the token holds characters that no header can carry"}
    asks(PACK, remote_invoice_call=invoice_call(erp))
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    assert "may not be connected to" in failing(made.id).params["reason"]
    assert erp.asked == []


def test_an_answer_that_came_too_late_is_kept_and_used_by_the_next_try(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)

    def block_meanwhile(_):
        try:
            run_command(made.id, slug="block-from-waiting", now=clock.now())
        finally:
            connections.close_all()
        return 200, ANSWER

    erp.behave = block_meanwhile
    with pytest.raises(Invalid):
        pack(made.id)
    assert (row(made).state, row(made).invoice_number, Invoice.objects.count()) == (930, None, 0)
    assert InvoiceCall.objects.get().state == "answered"
    run_command(made.id, slug="unblock-to-waiting", now=clock.now())
    asks("complete-packaging-with-shipment-from-waiting", remote_invoice_call=invoice_call(erp))
    pack(made.id, "complete-packaging-with-shipment-from-waiting")
    assert (row(made).state, row(made).invoice_number, len(erp.asked)) == (500, "F77", 1)
    assert bytes(InvoiceDocument.objects.get().content) == PDF


def test_a_process_that_ends_between_answer_and_use_costs_no_second_invoice(world, erp, monkeypatch):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)
    with monkeypatch.context() as killed:
        killed.setattr(store, "use_answers", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pack(made.id)
    assert (row(made).state, InvoiceCall.objects.get().state) == (100, "answered")
    pack(made.id)
    assert (row(made).invoice_number, len(erp.asked)) == ("F77", 1)


def test_a_process_that_ends_while_asking_asks_again_under_the_same_key_after_its_lease(
    world, erp, monkeypatch
):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)
    with monkeypatch.context() as killed:
        killed.setattr(store, "keep_answer", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pack(made.id)
    assert "another call" in failing(made.id).message
    assert len(erp.asked) == 1
    InvoiceCall.objects.update(asked_until=clock.now() - timedelta(seconds=1))
    pack(made.id)
    assert len(erp.keys()) == 2 and len(set(erp.keys())) == 1


def test_only_one_of_two_callers_at_once_asks(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)
    refusals = []

    def second(_):
        try:
            refusals.append(failing(made.id).message)
        finally:
            connections.close_all()
        return 200, ANSWER

    erp.behave = second
    pack(made.id)
    assert refusals == ["The invoice is being asked for by another call. Try again in a moment."]
    assert (len(erp.asked), row(made).state) == (1, 500)


def test_nobody_is_asked_about_a_package_that_may_not_be_packed(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    unreserved, elsewhere, moved_on = (
        package(world, reserved_at=None),
        package(world, at="ST1"),
        package(world),
    )
    run_command(moved_on.id, slug="deallocate-reservations", now=T0)
    own = [world.locations["WH1"]]
    ids = [unreserved.id, elsewhere.id, moved_on.id, 987_654]
    verdicts = run_many(PACK, ids, location_ids=own, now=clock.now())
    assert [v.refusal.code for v in verdicts] == [
        "package_without_reservation",
        "not_found",
        "invalid",
        "not_found",
    ]
    assert (erp.asked, InvoiceCall.objects.count()) == ([], 0)


def test_many_packages_are_asked_for_together_and_each_has_its_own_verdict(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = [package(world) for _ in range(12)]
    bad = {made[3].number, made[7].number}
    together = threading.Barrier(8, timeout=LONG_SECONDS)
    first = iter(range(8))

    def answer(request):
        if next(first, None) is not None:
            together.wait()
        number = request["body"]["package"]["number"]
        return (422, {"message": "no"}) if number in bad else (200, {"invoice_number": f"I-{number}"})

    erp.behave = answer
    verdicts = run_many(PACK, [one.id for one in made], now=clock.now())
    assert [v.refusal is None for v in verdicts] == [one.number not in bad for one in made]
    assert len(set(erp.keys())) == len(erp.asked) == 12
    for one in made:
        expected = (100, None) if one.number in bad else (500, f"I-{one.number}")
        assert (row(one).state, row(one).invoice_number) == expected


def test_no_question_is_begun_after_the_time_of_the_call(world, erp, monkeypatch):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    monkeypatch.setattr("ambar.oms.invoices.actions.ask_invoices.BUDGET_SECONDS", -1.0)
    made = package(world)
    assert failing(made.id).params == {"reason": "not asked: the time of this call was over"}
    assert erp.asked == []


def test_numbers_and_links_of_our_own(world, erp):
    set_value.put("INVOICE_SETTINGS", {"number_prefix": "KUM"}, now=T0)
    asks(PACK, remote_invoice_call=invoice_call(erp, generate_invoice_number=True))
    made = package(world)
    erp.behave = lambda _: (503, {})
    failing(made.id)
    erp.behave = lambda _: (200, {**ANSWER, "invoice_number": "THEIRS"})
    pack(made.id)
    told = {request["body"]["invoice_number"] for request in erp.asked}
    assert told == {row(made).invoice_number}
    number = told.pop()
    assert (number[:3], len(number)) == ("KUM", 16)

    nobody = {"generate_invoice_number": True, "generate_invoice_url": True}
    asks(PACK, remote_invoice_call=nobody)
    alone = package(world)
    pack(alone.id)
    invoice = Invoice.objects.get(package_id=alone.id)
    assert (len(erp.asked), invoice.source, invoice.url_is_ours) == (2, "made", True)
    assert invoice.url == f"/api/v1/oms/invoices/{invoice.pk}/document/"
    assert invoice.number > number and invoice.number == row(alone).invoice_number


def test_bill_data_come_from_the_service_of_the_orders_source_and_are_handed_on(world, erp):
    asks(PACK, remote_bill_fulfillment_call=True, remote_invoice_call=invoice_call(erp))
    made = package(world)
    reason = "no bill service is configured for orders of seller_center through Seller Center"
    assert failing(made.id).params == {"reason": reason}
    assert erp.asked == []
    service = {"name": "erp", "source": "seller_center", "remote_url": f"http://{erp.address}/bills?x=1"}
    set_value.put("BILL_FULFILLMENT_SETTINGS", {"services": [service]}, now=T0)
    erp.behave = lambda request: (200, {"invoice_number": "B1"} if request["method"] == "GET" else ANSWER)
    pack(made.id)
    bill, invoice = erp.asked
    assert (
        bill["path"]
        == f"/bills?x=1&package_number={made.number}&order_number={made.number.partition('P')[0]}"
    )
    assert invoice["body"]["bill"]["invoice_number"] == "B1"
    kept = [(i.number, i.source, i.is_current) for i in Invoice.objects.order_by("id")]
    assert kept == [("B1", "bill", False), ("F77", "remote", True)]
    assert row(made).invoice_number == "F77"


def test_inside_of_an_outer_transaction_nobody_is_asked(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)
    with transaction.atomic():
        assert failing(made.id).message == "The invoice was not asked for. Try again."
    assert erp.asked == []


def test_shipping_does_not_ask_again_for_a_package_that_has_its_invoice_but_an_update_does(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    asks("ship-advanced", remote_invoice_call=invoice_call(erp))
    asks("update-invoice-shipped", remote_invoice_call=invoice_call(erp))
    made, bare = package(world), package(world)
    pack(made.id)
    asks(PACK)
    pack(bare.id)
    tracking = {"tracking_number": "T1", "shipping_company": "yurtici"}
    erp.behave = lambda _: (200, {"invoice_number": f"F{len(erp.asked)}"})
    ids = [made.id, bare.id]
    run_many("ship-advanced", ids, parameters=dict.fromkeys(ids, tracking), now=clock.now())
    assert [(row(one).state, row(one).invoice_number) for one in (made, bare)] == [(600, "F77"), (600, "F2")]
    run_command(made.id, slug="update-invoice-shipped", now=clock.now())
    assert (row(made).state, row(made).invoice_number, len(set(erp.keys()))) == (600, "F3", 3)
    numbers = [(i.number, i.is_current) for i in Invoice.objects.filter(package_id=made.id).order_by("id")]
    assert numbers == [("F77", False), ("F3", True)]
    assert events_of(made.id)[-1][0] == "package.status.transitioned"


def test_many_packages_take_as_many_statements_as_few_but_for_keeping_each_answer(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    counts = []
    for size in (1, 2, 6):
        ids = [package(world).id for _ in range(size)]
        with CaptureQueriesContext(connection) as asked:
            assert all(v.refusal is None for v in run_many(PACK, ids, now=clock.now()))
        # What a process keeps for a moment (names of states, settings) may be read anew in between.
        own = [
            one for one in asked if not re.search("FROM .?oms_(states_state|app_settings)", str(one["sql"]))
        ]
        counts.append(len(own) - size)
    assert counts[1] == counts[2]


def test_a_call_with_a_key_of_its_own_asks_before_its_transaction_and_only_once(world, erp):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made, unreserved = package(world), package(world, reserved_at=None)
    planner = caller("planner")
    in_transaction = []
    erp.behave = lambda _: (
        in_transaction.append(InvoiceCall.objects.count()),
        connections.close_all(),
        (200, ANSWER),
    )[2]
    path = f"/packages/{made.id}/command/"
    for _ in range(2):
        assert planner.post(path, {"slug": PACK}, Idempotency_Key="k1").status_code == 204
    assert (len(erp.asked), in_transaction, row(made).invoice_number) == (1, [1], "F77")
    body = {"slug": PACK, "packages": [unreserved.id, 987_654]}
    answer = planner.post("/packages/bulk-command/", body, Idempotency_Key="k2").json()
    assert [v["code"] for v in answer["verdicts"]] == ["package_without_reservation", "not_found"]
    refused = planner.post(f"/packages/{unreserved.id}/command/", {"slug": PACK}, Idempotency_Key="k3")
    assert (refused.status_code, refused.json()["code"], len(erp.asked)) == (
        406,
        "package_without_reservation",
        1,
    )
    erp.behave = lambda _: (503, {})
    other = package(world)
    failed = planner.post(f"/packages/{other.id}/command/", {"slug": PACK}, Idempotency_Key="k4")
    assert (failed.status_code, failed.json()) == (
        406, {"code": "invoice_failed", "en": "The invoice could not be had: status 503.", "reason": "status 503"},
    )  # fmt: skip
    erp.behave = lambda _: (200, ANSWER)
    assert (
        planner.post(f"/packages/{other.id}/command/", {"slug": PACK}, Idempotency_Key="k4").status_code
        == 204
    )


def test_an_invoice_whose_answer_got_lost_is_not_made_twice(world, monkeypatch):
    ledger = Ledger()
    fates = iter([LOST, GARBLED, BUSY, FINE])
    monkeypatch.setattr(Ledger, "fate", lambda *_: (next(fates), 0.0))
    running = Running(ledger, token="t")
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", running.address)
    auth = {"request_type": "token", "token": "t"}
    asks(PACK, remote_invoice_call={"auth": auth, "remote_url": f"{running.url}/invoices"})
    made = package(world)
    reasons = [failing(made.id).params["reason"] for _ in range(3)]
    assert reasons == [
        "no answer (RemoteProtocolError)",
        "the answer is not JSON",
        "status 503: the books are closed for a moment",
    ]
    pack(made.id)
    (entry,) = ledger.entries.values()
    assert row(made).invoice_number == entry.number
    assert InvoiceDocument.objects.get().content_type == "application/pdf"
    running.close()


def test_upstream_is_told_of_the_invoice_with_the_status_of_the_items(world, erp):
    erp.behave = lambda _: (200, {**ANSWER, "invoice_url": "https://erp.example/f77"})
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)
    pack(made.id)
    note_changes(DEFAULT_MAP, now=clock.now())
    told = StatusSync.objects.values_list("wanted", "fields")
    assert [
        (wanted, fields["invoice_number"], fields["invoice_date"], fields["e_archive_url"])
        for wanted, fields in told
    ] == [(450, "F77", "2026-01-15T08:00:00.000000Z", "https://erp.example/f77")] * 2
    update = {"invoice_number": "F78"}
    run_command(made.id, slug="update-invoice-packed", parameters=update, now=clock.now())
    note_changes(DEFAULT_MAP, now=clock.now())
    assert {fields["invoice_number"] for _, fields in told.all()} == {"F78"}
    assert {fields["e_archive_url"] for _, fields in told.all()} == {None}


def test_a_package_follows_its_parcel_though_the_way_that_asks_is_refused(world, erp):
    asks("shipment-order", remote_invoice_call=invoice_call(erp))
    erp.behave = lambda _: (503, {})
    made = package(world)
    pack(made.id, "complete-packaging-with-shipment-from-waiting")
    with transaction.atomic():
        carrier_store.move(Shipment.objects.get().pk, "SHIPPING", now=clock.now())
    follow_parcels(now=clock.now())
    assert (row(made).state, erp.asked) == (600, [])


def test_a_package_that_moves_on_just_before_the_question_is_not_asked_about(world, erp, monkeypatch):
    asks(PACK, remote_invoice_call=invoice_call(erp))
    made = package(world)

    def moved_on(package_ids):
        pack(made.id, "complete-packaging-with-shipment-from-waiting")
        return request_bodies(package_ids)

    monkeypatch.setattr("ambar.oms.invoices.actions.ask_invoices.request_bodies", moved_on)
    with pytest.raises(Invalid):
        pack(made.id)
    assert (erp.asked, InvoiceCall.objects.count(), row(made).state) == ([], 0, 500)
