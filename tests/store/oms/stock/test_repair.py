"""The standing check finds what differs; the repair does exactly what was previewed. The ledger is right."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ambar.oms.locations.models import QuotaUsed
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.stock import holdings, store
from ambar.oms.stock.actions.repair import preview, repair
from ambar.oms.stock.domain.repairs import BalanceDiffers, HolderGone, PlanChanged, QuotaDiffers, described
from ambar.oms.stock.domain.reservations import ReserveLine
from ambar.oms.stock.models import Balance, Import, LedgerEntry
from tests.worlds.oms_planning import NOW, make_locations, make_products, put_stock
from tests.worlds.oms_records import build, package

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 10})
    return place, product


def take(key, quantity, holder, kind="package_item"):
    line = ReserveLine(
        location_id=key[0], product_id=key[1], quantity=Decimal(quantity), holder_kind=kind, holder_id=holder
    )
    store.reserve([line], reason="test", cause=None, now=NOW)


def balance():
    row = Balance.objects.get()
    return int(row.on_hand), int(row.reserved), int(row.short)


def test_nothing_to_repair_when_all_is_well(key):
    take(key, 2, 1, "test")
    assert preview().findings == ()
    assert repair(preview().hash, now=NOW).findings == ()


def test_a_balance_is_set_to_what_its_ledger_adds_up_to(key):
    take(key, 2, 1, "test")
    Balance.objects.update(on_hand=12, reserved=5)
    plan = preview()
    assert plan.findings == (
        BalanceDiffers(
            location_id=key[0], product_id=key[1], on_hand=Decimal(12), reserved=Decimal(5),
            ledger_on_hand=Decimal(10), ledger_reserved=Decimal(2),
        ),
    )  # fmt: skip
    entries = LedgerEntry.objects.count()
    repair(plan.hash, now=NOW)
    assert balance() == (10, 2, 0)
    assert (LedgerEntry.objects.count(), preview().findings) == (entries, ())


def test_a_missing_balance_is_made_again(key):
    Balance.objects.all().delete()
    repair(preview().hash, now=NOW)
    assert (balance(), preview().findings) == ((10, 0, 0), ())


def test_a_ledger_that_cannot_be_is_closed_with_entries_of_its_own(key):
    LedgerEntry.objects.create(
        at=NOW, kind="stock", location_id=key[0], product_id=key[1], quantity=-13, reason="by hand"
    )
    LedgerEntry.objects.create(
        at=NOW, kind="release", location_id=key[0], product_id=key[1], quantity=-1, reason="by hand"
    )
    repair(preview().hash, now=NOW)
    assert (balance(), preview().findings) == ((0, 0, 0), ())
    assert list(LedgerEntry.objects.filter(reason="repair").order_by("kind").values_list("kind", "quantity")) == [
        ("release", 1), ("stock", 3),
    ]  # fmt: skip


def test_what_a_vanished_holder_holds_is_released(key):
    take(key, 3, 4711)
    take(key, 1, 4711, "transfer_item")
    take(key, 2, 4711, "a kind nobody judges")
    gone = [one for one in preview().findings if isinstance(one, HolderGone)]
    assert [described(one) for one in gone] == [
        {"finding": "holder_gone", "holder_kind": kind, "holder_id": 4711, "location": key[0], "product": key[1],
         "quantity": quantity}
        for kind, quantity in (("package_item", "3"), ("transfer_item", "1"))
    ]  # fmt: skip
    repair(preview().hash, now=NOW)
    assert (balance(), preview().findings) == ((10, 2, 0), ())
    assert holdings.read("package_item", [4711]) == []


def test_a_holder_gone_on_a_damaged_balance_is_repaired_in_one_go(key):
    take(key, 3, 4711)
    Balance.objects.update(reserved=0)
    assert len(preview().findings) == 2
    repair(preview().hash, now=NOW)
    assert (balance(), preview().findings) == ((10, 0, 0), ())


def test_items_of_packages_still_to_be_packed_may_hold_and_those_of_others_not():
    made = package(build())
    for state, previous in ((100, None), (300, None), (930, 100), (400, None), (800, None)):
        Package.objects.filter(pk=made.id).update(state=state, previous_state=previous)
        gone = [one for one in preview().findings if isinstance(one, HolderGone)]
        quota = [(q.used, q.counted) for q in preview().findings if isinstance(q, QuotaDiffers)]
        assert (gone, quota) == ([], [(1, 0)] if state == 400 else []), state
    Package.objects.filter(pk=made.id).update(state=500)
    items = PackageItem.objects.filter(package_id=made.id)
    gone = [one for one in preview().findings if isinstance(one, HolderGone)]
    assert sorted(one.holder_id for one in gone) == sorted(items.values_list("id", flat=True))
    repair(preview().hash, now=NOW)
    assert preview().findings == ()


def test_quota_is_set_to_the_count_of_packages(key):
    QuotaUsed.objects.filter(location_id=key[0]).update(used=7)
    assert preview().findings == (QuotaDiffers(location_id=key[0], used=7, counted=0),)
    repair(preview().hash, now=NOW)
    assert (QuotaUsed.objects.get(location_id=key[0]).used, preview().findings) == (0, ())


def test_a_plan_that_is_not_the_present_one_changes_nothing(key):
    Balance.objects.update(on_hand=12)
    old = preview().hash
    Balance.objects.update(on_hand=13)
    with pytest.raises(PlanChanged):
        repair(old, now=NOW)
    assert balance() == (13, 0, 0)


def test_the_commands_preview_apply_and_tell_by_exit_code(key):
    Balance.objects.update(on_hand=12)
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("stock_check", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (stopped.value.returncode, told["is_well"], told["findings"][0]["on_hand"]) == (1, False, "12")
    call_command("stock_repair", stdout=StringIO())
    assert balance() == (12, 0, 0)
    with pytest.raises(CommandError):
        call_command("stock_repair", apply=True, plan="another", stdout=StringIO())
    out = StringIO()
    call_command("stock_repair", apply=True, plan=told["plan"], stdout=out)
    assert out.getvalue().startswith("balance: location")
    out = StringIO()
    call_command("stock_check", stdout=out)
    assert (balance(), out.getvalue().strip()) == (
        (10, 0, 0), "Ledger, balances, reservations and quota agree.",
    )  # fmt: skip
    with pytest.raises(CommandError):
        call_command("stock_repair", apply=True, plan=told["plan"], stdout=StringIO())


def test_the_import_command_takes_a_file_and_names_wrong_rows(key, tmp_path):
    file = tmp_path / "stock.csv"
    file.write_text("erp_code,sku,quantity\nWH001,SKU-00001,4\nWH001,x,1\n")
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("stock_import", str(file), stdout=out, stderr=StringIO())
    assert (stopped.value.returncode, balance()) == (1, (4, 0, 0))
    assert (
        out.getvalue()
        == "line 3: sku: Product 'x' does not exist.\n1 rows taken, 1 figures changed, 1 wrong\n"
    )


@pytest.mark.parametrize(
    "given", [{}, {"file": "here.csv", "resume": 1}, {"resume": 4711}, {"file": "nowhere.csv"}, {"file": "."}]
)
def test_the_import_command_ends_with_2_when_there_is_nothing_to_take(key, given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.csv").write_text("erp_code,sku,quantity\nWH001,SKU-00001,4\n")
    asked = [given["file"]] if "file" in given else []
    with pytest.raises(CommandError) as stopped:
        call_command("stock_import", *asked, resume=given.get("resume"), stdout=StringIO())
    assert (stopped.value.returncode, balance(), Import.objects.count()) == (2, (10, 0, 0), 0)
