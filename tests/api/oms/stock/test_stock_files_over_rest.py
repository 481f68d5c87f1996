"""CSV files over REST: taken at once, progress and outcome to be read; books and reservations in sight."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ambar.kit import work
from ambar.oms.stock import store
from ambar.oms.stock.actions.import_file import LOOP
from ambar.oms.stock.domain.reservations import ReserveLine
from ambar.oms.stock.models import Balance
from tests.worlds.callers import ROOT, caller
from tests.worlds.oms_planning import NOW, make_locations, make_products, put_stock

pytestmark = pytest.mark.django_db
FILE = "erp_code,sku,quantity\nWH001,SKU-00001,5\nWH001,nothing,1\n"


@pytest.fixture
def planner():
    return caller("planner")


def send(one, content, content_type="text/csv; charset=utf-8", **headers):
    body = content.encode() if isinstance(content, str) else content
    return one.client.post(
        f"{ROOT}/stock/import/", body, content_type=content_type, headers={**one.headers, **headers}
    )


def test_a_file_is_taken_at_once_and_its_outcome_read_later(planner):
    make_locations(1)
    make_products(1)
    answer = send(planner, FILE)
    assert answer.status_code == 202, answer.content
    made = answer.json()
    assert (made["state"], made["rows"], made["done"]) == ("waiting", 2, 0)
    path = answer["Location"].removeprefix(ROOT)
    work.run_loop(LOOP)
    shown = planner.get(path).json()
    assert {k: shown[k] for k in ("state", "rows", "done", "accepted", "changed", "short", "error_count")} == {
        "state": "done", "rows": 2, "done": 2, "accepted": 1, "changed": 1, "short": 0, "error_count": 1,
    }  # fmt: skip
    assert shown["errors"] == [{"line": 3, "field": "sku", "message": "Product 'nothing' does not exist."}]
    assert planner.get(f"{path}errors/").json()["results"] == shown["errors"]
    assert [row["id"] for row in planner.get("/stock/imports/", state="done").json()["results"]] == [
        made["id"]
    ]
    over = planner.post(f"{path}cancel/", {})
    assert (over.status_code, over.json()["code"]) == (406, "import_over")


def test_multipart_is_taken_too_and_the_same_key_is_one_import(planner):
    file = SimpleUploadedFile("stock.csv", FILE.encode(), "text/csv")
    answer = planner.client.post(f"{ROOT}/stock/import/", {"file": file}, headers=planner.headers)
    assert (answer.status_code, answer.json()["name"]) == (202, "stock.csv")
    first = send(planner, FILE, **{"Idempotency-Key": "k1"}).json()
    assert send(planner, FILE, **{"Idempotency-Key": "k1"}).json() == first
    assert planner.get("/stock/imports/").json()["count"] == 2


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        ("", "text/csv", 400),
        ("a,b\n", "text/csv", 400),
        (FILE, "application/json", 400),
        (b"erp_code,sku,quantity\n" + b"x" * 11_000_000, "text/csv", 413),
    ],
)
def test_what_cannot_be_a_file_of_figures_is_refused(planner, content, content_type, status):
    answer = send(planner, content, content_type)
    assert answer.status_code == status, answer.content
    assert planner.get("/stock/imports/").json()["count"] == 0


def test_a_file_is_cancelled_and_resumed_and_a_bound_sender_sees_only_the_own_ones(planner):
    first, _ = make_locations(2)
    make_products(1)
    others = send(planner, FILE).json()["id"]
    bound = caller("planner", username="bound", location_ids=[first])
    made = send(bound, FILE.replace("nothing", "SKU-00001")).json()["id"]
    assert [row["id"] for row in bound.get("/stock/imports/").json()["results"]] == [made]
    assert bound.get(f"/stock/imports/{others}/").status_code == 404
    assert bound.post(f"/stock/imports/{made}/cancel/", {}).json()["state"] == "cancelled"
    assert planner.post(f"/stock/imports/{made}/resume/", {}).json()["state"] == "waiting"


def test_reservations_are_seen_by_location_sku_and_holder(planner):
    first, second = make_locations(2)
    (product,) = make_products(1)
    put_stock({(first, product): 5, (second, product): 5})
    lines = [
        ReserveLine(location_id=place, product_id=product, quantity=Decimal(quantity), holder_kind="package_item",
                    holder_id=holder)
        for place, quantity, holder in ((first, 2, 1), (first, 1, 2), (second, 3, 1))
    ]  # fmt: skip
    store.reserve(lines, reason="test", cause=None, now=NOW)
    found = planner.get("/reservations/", holder_kind="package_item", holder_id=1).json()["results"]
    assert [(row["stock_location"]["id"], row["quantity"]) for row in found] == [
        (first, "2.00"),
        (second, "3.00"),
    ]
    assert found[0]["since"] == "2026-01-02T09:00:00.000000Z"
    assert planner.get("/reservations/", location=first, sku="SKU-00001").json()["count"] == 2
    assert planner.get("/reservations/", sku="nothing").json()["count"] == 0
    operator = caller("location_operator", location_ids=[second])
    assert [row["quantity"] for row in operator.get("/reservations/").json()["results"]] == ["3.00"]


def test_the_books_are_checked_and_exactly_the_shown_plan_is_done(planner):
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 5})
    assert planner.get("/stock/check/").json()["is_well"] is True
    Balance.objects.update(on_hand=9)
    shown = planner.get("/stock/check/").json()
    assert shown["findings"] == [
        {"finding": "balance", "location": place, "product": product, "on_hand": "9", "reserved": "0",
         "ledger_on_hand": "5", "ledger_reserved": "0"}
    ]  # fmt: skip
    other = planner.post("/stock/repair/", {"plan": "0" * 32})
    assert (other.status_code, other.json()["code"], other.json()["plan"]) == (
        406,
        "plan_changed",
        shown["plan"],
    )
    done = planner.post("/stock/repair/", {"plan": shown["plan"]})
    assert (done.status_code, done.json()["repaired"]) == (200, 1)
    assert planner.get("/stock/check/").json()["is_well"] is True


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"\xff\xfe", "multipart/form-data"),
        (b"\xff" * 3000, "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_broken_multipart_body_is_the_callers_fault(planner, content, content_type):
    answer = send(planner, content, content_type)
    assert (answer.status_code, list(answer.json())) == (400, ["file"])
    assert answer.json()["file"][0].startswith("The multipart body can't be read: ")


def test_of_two_files_none_is_dropped_in_silence(planner):
    two = [SimpleUploadedFile("a.csv", FILE.encode()), SimpleUploadedFile("b.csv", FILE.encode())]
    answer = planner.client.post(f"{ROOT}/stock/import/", {"file": two}, headers=planner.headers)
    assert (answer.status_code, answer.json()) == (400, {"file": ["Send one file under the name `file`."]})
    assert planner.get("/stock/imports/").json()["count"] == 0
