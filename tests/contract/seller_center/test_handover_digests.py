"""The hand-over's digests and rows as agreed, from the Seller Center's side."""

from datetime import UTC, datetime

import pytest

from ambar.kit import clock
from ambar.seller_center.delivery.store import default_setting_id
from ambar.seller_center.handover import store
from ambar.seller_center.handover.domain import offered
from ambar.seller_center.orders.models import Order
from ambar.seller_center.packages.models import Package, PackageItem
from tests.worlds import seller_center_market as market
from tests.worlds.handover_fields import FIELDS
from tests.worlds.handover_orders import variants

pytestmark = pytest.mark.django_db
HANDOVER = f"{market.OMS}/handover"
PACKAGES = (
    ("AMB-1P1", 100, 1, datetime(2026, 1, 15, 0, 0, tzinfo=UTC)),
    ("AMB-1P2", 500, 3, datetime(2026, 1, 15, 12, 0, tzinfo=UTC)),
    ("AMB-1P3", 500, 3, datetime(2026, 1, 15, 23, 59, 59, 999999, tzinfo=UTC)),
    ("AMB-2P1", 500, 4, datetime(2026, 1, 16, 0, 0, tzinfo=UTC)),
)


@pytest.fixture
def golden_world():
    """The orders and packages the golden messages are about, and one of each that no seller's OMS has reported."""
    seller = market.seller()
    for pk, at, _ in market.golden("handover/orders.rows.json")["results"]:
        Order.objects.create(
            pk=pk, seller=seller, upstream_id=pk, upstream_number=f"AMB-{pk}", number=f"AMB-{pk}", part=1,
            status=400, currency="try", amount=1, document={}, digest="", date_placed=clock.parse(at),
            delivery_setting_id=default_setting_id(), upstream_modified_at=clock.parse(at),
            created_at=clock.parse(at), modified_at=clock.parse(at),
        )  # fmt: skip
    for number, state, sequence, at in PACKAGES:
        made(seller, number, state, sequence, at, order_id=7001 if number.startswith("AMB-1") else 7002)
    made(seller, "D-default", None, 0, PACKAGES[0][3], origin="default", order_id=7001)


def made(seller, number, state, sequence, at, **more):
    return Package.objects.create(
        seller=seller, number=number, state_code=state, sequence=sequence, made_at=at, status=1,
        **{"origin": "oms", "created_at": market.NOW, "modified_at": market.NOW, **more},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("packages/digests/", "packages.digests"),
        ("packages/digests/?place=2026-01-15/500&digits=2", "packages.digests.finer"),
        ("packages/rows/?place=2026-01-15/500", "packages.rows"),
        ("packages/rows/?place=2026-01-15/500/de&place=2026-01-15/500/fd", "packages.rows"),
        ("orders/digests/?bits=8", "orders.digests"),
        ("orders/digests/?bits=8&place=6912-7168", "orders.digests"),
        ("orders/rows/?place=7001-7003", "orders.rows"),
    ],
)
def test_digests_and_rows_are_those_of_the_contract(golden_world, path, name):
    answer = market.oms().get(f"{HANDOVER}/{path}")
    got = answer.json()
    got["results"].sort(key=str)
    assert got == market.golden(f"handover/{name}.json")


@pytest.mark.parametrize("name", ["digests", "rows"])
def test_the_fields_of_packages_come_to_the_marks_of_the_contract(golden_world, name):
    for number, (state, amount, company, invoice, numbers, place, items) in FIELDS.items():
        Package.objects.filter(number=number).update(
            state_code=state, amount=amount, shipping_company=company, invoice_number=invoice,
            tracking_numbers=list(numbers) if state >= 600 else [], location_name=place if state < 700 else "Before",
        )  # fmt: skip
        row = Package.objects.get(number=number)
        for sku, quantity in reversed(items):
            PackageItem.objects.create(
                package=row, seller_id=row.seller_id, sku=sku, name="", quantity=quantity
            )
    got = market.oms().get(f"{HANDOVER}/packages/{name}/?fields=1").json()
    got["results"].sort(key=str)
    assert got == market.golden(f"handover/packages.{name}.fields.json")


@pytest.mark.parametrize(("depth", "covered"), [(1, "fields"), (2, "statuses")])
@pytest.mark.parametrize("name", ["digests", "rows"])
def test_the_fields_of_orders_come_to_the_marks_of_the_contract(name, depth, covered):
    rows = [offered.read(record) for record in variants()]
    store.insert(
        [order for order, _ in rows],
        [item for _, items in rows for item in items],
        seller_id=market.seller().pk,
        delivery_setting_id=default_setting_id(),
    )
    bits = "&bits=8" if name == "digests" else ""
    got = market.oms().get(f"{HANDOVER}/orders/{name}/?fields={depth}{bits}").json()
    assert got == market.golden(f"handover/orders.{name}.{covered}.json")


def test_documents_nobody_can_read_have_a_mark_nevertheless(golden_world):
    """Of orders of another hub: no number where one is due, no object, nothing at all."""
    odd = {
        "shipping_amount": "much",
        "customer": "Ayşe",
        "shipping_address": [1],
        "billing_address": 7,
        "notes": {"a": 1},
    }
    Order.objects.filter(pk=7001).update(document=odd)
    rows = market.oms().get(f"{HANDOVER}/orders/rows/?fields=1").json()["results"]
    assert all(len(row[3]) == 16 for row in rows) and rows[0][3] != rows[1][3]


def test_another_sellers_token_sees_nothing_of_them(golden_world):
    stranger = market.oms("MODA-02")
    for path in ("packages/digests", "packages/rows", "orders/digests", "orders/rows"):
        assert stranger.get(f"{HANDOVER}/{path}/").json() == {"results": []}, path
    asked = f"{HANDOVER}/packages/details/?number=AMB-1P1&order=7001"
    assert stranger.get(asked).json() == {"results": []}
    assert [one["number"] for one in market.oms().get(asked).json()["results"]] == [
        "AMB-1P1",
        "AMB-1P2",
        "AMB-1P3",
    ]


def test_details_hold_the_event_a_package_is_made_of_and_count_those_not_applied_yet():
    from ambar.kit import work

    oms = market.oms()
    payload = market.package("N-1", state=500, sequence=3, items=[(1, "A")])
    payload["created_date"] = "2026-01-14T08:00:00.000000Z"
    oms.post(f"{market.OMS}/packages/update-status/", market.envelope(payload, "package.status.packed"))
    asked = f"{HANDOVER}/packages/details/?number=N-1&number=N-2"
    assert oms.get(asked).json()["results"] == [{"number": "N-1", "waiting": 1}]
    work.run_loop("sc_packages")
    (found,) = oms.get(asked).json()["results"]
    assert (found["state"], found["sequence"], found["waiting"]) == (500, 3, 0)
    assert found["created_date"] == "2026-01-14T08:00:00.000000Z"
    assert found["event"] == payload
    brief = {name: found[name] for name in ("number", "state", "sequence", "created_date", "waiting")}
    assert oms.get(f"{asked}&brief=1").json()["results"] == [brief]
    assert [(item["sku"], item["quantity"]) for item in found["items"]] == [("A", "1.00")]
    assert [d["place"] for d in oms.get(f"{HANDOVER}/packages/digests/").json()["results"]] == [
        "2026-01-14/500"
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("packages/digests/?place=yesterday", "place"),
        ("packages/digests/?place=2026-02-30", "place"),
        ("packages/digests/?digits=3", "digits"),
        ("packages/rows/?fields=2", "fields"),
        ("packages/digests/?day=2026-01-15", "day"),
        ("packages/rows/?place=9999-12-31/500/zz", "place"),
        ("packages/details/?number=" + "&number=".join(map(str, range(101))), "number"),
        ("packages/details/?order=x", "order"),
        ("orders/digests/?bits=1", "bits"),
        ("orders/rows/?fields=yes", "fields"),
        ("orders/digests/?fields=3", "fields"),
        ("orders/rows/?place=9-3", "place"),
        ("orders/rows/?place=" + "&place=0-1" * 201, "place"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_400_that_names_the_parameter(query, field):
    answer = market.oms().get(f"{HANDOVER}/{query}")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_more_rows_than_one_answer_holds_are_refused(golden_world, monkeypatch):
    monkeypatch.setattr("ambar.kit.agreement.asking.MOST_ROWS", 3)
    answer = market.oms().get(f"{HANDOVER}/packages/rows/")
    assert answer.status_code == 400 and "smaller place" in answer.json()["place"][0]
