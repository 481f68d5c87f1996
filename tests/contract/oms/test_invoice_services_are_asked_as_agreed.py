"""What an invoice service is asked and answers, as `contracts/oms-to-invoice-service` has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ambar.cli.fake.erp_ledger import Ledger
from ambar.cli.fake.erp_server import Running
from ambar.kit import clock
from ambar.oms.app_settings.actions import set_value
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.invoices.domain.answers import read_answer
from tests.contract.oms.test_package_events_match_the_golden_messages import shape
from tests.worlds.invoice_services import PACK, Erp, asks, invoice_call
from tests.worlds.oms_records import T0, build, package

GOLDEN = Path(__file__).resolve().parents[3] / "contracts" / "oms-to-invoice-service"


def golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text())


@pytest.fixture
def erp(monkeypatch):
    found = Erp()
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", found.address)
    yield found
    found.close()


@pytest.mark.django_db(transaction=True)
def test_the_question_has_the_keys_and_formats_of_the_golden_message(erp):
    service = {"name": "erp", "source": "seller_center", "remote_url": f"http://{erp.address}/bills"}
    set_value.put("BILL_FULFILLMENT_SETTINGS", {"services": [service]}, now=T0)
    call = invoice_call(erp, generate_invoice_number=True)
    asks(PACK, remote_bill_fulfillment_call=True, remote_invoice_call=call)
    erp.behave = lambda request: (
        200,
        golden("bill.answer" if request["method"] == "GET" else "invoice.answer"),
    )
    run_command(package(build()).id, slug=PACK, now=clock.now())
    sent, expected = erp.asked[1]["body"], golden("invoice.request")
    assert shape(sent) == shape(expected)
    assert list(sent) == list(expected)


@pytest.mark.parametrize(
    ("name", "number", "kind"),
    [("invoice.answer", "ABC2026000000001", "application/pdf"), ("bill.answer", "B-77", "")],
)
def test_the_golden_answers_are_read(name, number, kind):
    answer = read_answer(golden(name), number_made=False)
    assert (answer.number, answer.content_type) == (number, kind)
    assert answer.date is not None and answer.document_type


def test_the_made_up_erp_takes_the_golden_question_and_answers_in_its_shape():
    running = Running(Ledger())
    answer = httpx2.post(
        f"{running.url}/invoices", json=golden("invoice.request"), headers={"Idempotency-Key": "k"}
    )
    running.close()
    assert answer.status_code == 200
    assert set(answer.json()) <= set(golden("invoice.answer"))
    assert read_answer(answer.json(), number_made=False).number == golden("invoice.request")["invoice_number"]
