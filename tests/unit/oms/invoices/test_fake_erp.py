"""The made-up ERP over real HTTP: the contract, its failures by seed, and no second invoice under one key."""

from __future__ import annotations

import base64

import httpx2
import pytest

from ambar.cli.fake.erp_ledger import BUSY, FINE, GARBLED, LOST, REFUSED, Ledger
from ambar.cli.fake.erp_server import Running
from ambar.oms.invoices.domain.answers import read_answer

BODY = {"package": {"number": "A1P1"}, "items": [{"sku": "S"}]}


@pytest.fixture
def running():
    made = []

    def start(ledger, **options):
        made.append(Running(ledger, **options))
        return made[-1].url

    yield start
    for one in made:
        one.close()


def ask(url, *, key="k1", body=BODY, **headers):
    return httpx2.post(f"{url}/invoices", json=body, headers={"Idempotency-Key": key, **headers})


def test_one_key_makes_one_invoice_with_a_document_that_the_oms_can_read(running):
    ledger = Ledger()
    url = running(ledger)
    first, second, other = ask(url).json(), ask(url).json(), ask(url, key="k2").json()
    assert first == second and first["invoice_number"] != other["invoice_number"]
    answer = read_answer(first, number_made=False)
    assert (answer.document_type, answer.content_type) == ("e_archive", "application/pdf")
    assert httpx2.get(f"{url}/ledger").json()["count"] == 2
    document = httpx2.get(f"{url}/invoices/{first['invoice_number']}/document")
    assert document.content == base64.b64decode(first["document_content"])


def test_bills_links_and_numbers_of_the_caller(running):
    url = running(Ledger(), links=True)
    headers = {"Idempotency-Key": "b1"}
    bill = httpx2.get(f"{url}/bills", params={"package_number": "A1P1"}, headers=headers).json()
    assert (bill["invoice_number"][:3], bill["document_type"]) == ("BIL", "bill")
    told = ask(url, body={**BODY, "invoice_number": "OURS1"}).json()
    assert (told["invoice_number"], told["invoice_url"]) == ("OURS1", f"{url}/invoices/OURS1/document")


@pytest.mark.parametrize(
    ("options", "headers", "status"),
    [
        ({"token": "t"}, {}, 401),
        ({"token": "t"}, {"Authorization": "Bearer t"}, 200),
        ({"username": "u", "password": "p"}, {"Authorization": "Basic dTpx"}, 401),
        ({"username": "u", "password": "p"}, {"Authorization": "Basic dTpw"}, 200),
    ],
)
def test_callers_have_to_show_who_they_are(running, options, headers, status):
    assert ask(running(Ledger(), **options), **headers).status_code == status


def test_what_is_missing_is_told(running):
    url = running(Ledger())
    assert httpx2.post(f"{url}/invoices", json=BODY).json() == {
        "message": "header Idempotency-Key is required"
    }
    assert ask(url, body={"items": [1]}).status_code == 400
    assert ask(url, body={"package": {"number": "A"}, "items": []}).status_code == 422


def test_the_seed_decides_which_tries_fail(running):
    def fates(seed):
        ledger = Ledger(seed=seed, failures=0.5)
        return [ledger.fate(f"P{n % 10}")[0] for n in range(60)]

    assert fates(1) == fates(1) != fates(2)
    assert set(fates(1)) == {FINE, BUSY, REFUSED, GARBLED, LOST}
    ledger = Ledger(failures=1.0)
    url = running(ledger)
    seen = set()
    for n in range(30):
        try:
            answer = ask(url, key=f"k{n}", body={**BODY, "package": {"number": f"P{n}"}})
            seen.add((answer.status_code, answer.headers["content-type"].partition(";")[0]))
        except httpx2.TransportError:
            seen.add("lost")
    assert seen == {(503, "application/json"), (422, "application/json"), (200, "text/html"), "lost"}
    assert 0 < len(ledger.entries) < 30
