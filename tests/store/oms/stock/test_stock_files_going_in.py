"""CSV files on their way in: kept first, applied slice by slice, nothing lost and nothing twice."""

import pytest
from django.db import connection, transaction

from ambar.kit import work
from ambar.oms.locations.models import StockLocation
from ambar.oms.stock import queries
from ambar.oms.stock.actions import import_file
from ambar.oms.stock.actions.import_file import (
    ImportOver,
    cancel_import,
    import_slice,
    resume_import,
    store_file,
)
from ambar.oms.stock.models import Balance, Engine, Import, ImportFault, ImportSlice, LedgerEntry
from tests.worlds.oms_planning import NOW, make_locations, make_products

pytestmark = pytest.mark.django_db


def put(text, bound_to=None):
    return store_file(text.encode(), name="stock.csv", bound_to=bound_to, user_id=None, now=NOW)


def state(made):
    row = Import.objects.get(pk=made.pk)
    return row.state, row.rows, row.done, row.accepted, row.errors


def drain():
    return work.run_loop(import_file.LOOP)


def figures():
    return {(r.location.erp_code, r.product.sku): str(r.on_hand.normalize()) for r in
            Balance.objects.select_related("location", "product")}  # fmt: skip


def test_good_rows_count_and_wrong_ones_are_kept_with_line_field_and_reason():
    _, second = make_locations(2)
    make_products(2)
    engine = Engine.objects.create(name="erp", created_at=NOW, modified_at=NOW)
    StockLocation.objects.filter(pk=second).update(engine_id=engine.pk)
    made = put(
        "erp_code;sku;quantity;unit\nWH001;SKU-00001;5;\nWH009;SKU-00001;1;\nWH001;nothing;1;\nWH001;SKU-00002;-1;\n"
        "WH001;SKU-00002;1,5;kg\nWH001;SKU-00002;1.5;kg\nWH002;SKU-00001;1;\nshort\nWH001;SKU-00001;6;\n"
    )
    assert state(made) == ("waiting", 9, 0, 0, 0)
    assert drain() == 9
    assert state(made) == ("done", 9, 9, 3, 6)
    assert list(ImportFault.objects.order_by("line").values_list("line", "field", "message")) == [
        (3, "erp_code", "Location 'WH009' does not exist."),
        (4, "sku", "Product 'nothing' does not exist."),
        (5, "quantity", "Must be 0 or more."),
        (6, "quantity", "Write decimals with a point (1.5), no thousands mark."),
        (8, "erp_code", "The stock of 'WH002' is kept by the inventory engine 'erp'."),
        (9, "row", "1 cells, the header names 4."),
    ]
    assert figures() == {("WH001", "SKU-00001"): "6", ("WH001", "SKU-00002"): "1.5"}
    assert not ImportSlice.objects.exists()
    assert set(LedgerEntry.objects.values_list("reason", flat=True)) == {f"import {made.pk}"}
    assert queries.check() == []


def test_who_is_bound_to_locations_writes_only_theirs():
    first, _ = make_locations(2)
    make_products(1)
    made = put("erp_code,sku,quantity\nWH001,SKU-00001,5\nWH002,SKU-00001,5\n", bound_to=[first])
    drain()
    assert state(made)[3:] == (1, 1)
    assert figures() == {("WH001", "SKU-00001"): "5"}


def test_a_slice_that_breaks_off_is_taken_again_and_counts_once(monkeypatch):
    monkeypatch.setattr(import_file, "SLICE", 2)
    make_locations(1)
    make_products(3)
    made = put("erp_code,sku,quantity\n" + "".join(f"WH001,SKU-0000{n},{n}\n" for n in (1, 2, 3)))
    assert import_slice(now=NOW) == 2

    def broken(*_, **__):
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Import, "save", broken)
        with pytest.raises(RuntimeError), transaction.atomic():
            import_slice(now=NOW)
    assert state(made) == ("running", 3, 2, 2, 0)
    assert len(figures()) == 2
    assert drain() == 1
    assert state(made) == ("done", 3, 3, 3, 0)
    assert LedgerEntry.objects.count() == 3


def test_a_file_is_cancelled_between_slices_and_resumed_where_it_stopped(monkeypatch):
    monkeypatch.setattr(import_file, "SLICE", 1)
    make_locations(1)
    make_products(2)
    made = put("erp_code,sku,quantity\nWH001,SKU-00001,1\nWH001,SKU-00002,2\n")
    import_slice(now=NOW)
    cancel_import(made, now=NOW)
    cancel_import(made, now=NOW)
    assert drain() == 0
    assert state(made) == ("cancelled", 2, 1, 1, 0)
    resume_import(made, now=NOW)
    assert drain() == 1
    assert state(made) == ("done", 2, 2, 2, 0)
    for turn in (cancel_import, resume_import):
        with pytest.raises(ImportOver):
            turn(made, now=NOW)


def test_a_file_with_a_header_only_is_done_at_once():
    assert state(put("erp_code,sku,quantity\n")) == ("done", 0, 0, 0, 0)


def test_a_slice_costs_the_same_number_of_statements_whatever_its_size(django_assert_max_num_queries):
    make_locations(2)
    make_products(200)
    put("erp_code,sku,quantity\n" + "".join(f"WH00{1 + n % 2},SKU-{1 + n // 2:05},{n}\n" for n in range(400)))
    with django_assert_max_num_queries(18):
        assert import_slice(now=NOW) == 400
    assert connection.in_atomic_block
