"""A package that changed while its state stayed comes once more under the event of its state (`package.status.packed`)."""

import pytest

from ambar.kit import clock
from ambar.kit.ids import uuid7
from ambar.seller_center.packages.models import Package
from tests.contract.seller_center.test_golden_messages import take_golden_order
from tests.contract.seller_center.test_split_and_merged_packages import send
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_late_invoice_reaches_the_row_and_nothing_else_changes():
    order = take_golden_order()
    packed = market.golden("oms-to-seller-center/package.status.packed.json")
    packed["payload"]["invoice_number"] = None
    send([packed], order)
    before = Package.objects.get(number=packed["payload"]["number"])
    assert before.invoice_number is None

    again = market.golden("oms-to-seller-center/package.status.packed.json")
    again["event"]["uuid"] = uuid7(clock.now()).hex
    again["payload"] |= {"invoice_number": "F-LATE-1", "sequence": packed["payload"]["sequence"] + 2}
    send([again], order)

    row = Package.objects.get(pk=before.pk)
    assert (row.invoice_number, row.sequence) == ("F-LATE-1", before.sequence + 2)
    assert (row.state_code, row.retired_at) == (before.state_code, None)
    send([packed], order)
    row.refresh_from_db()
    assert row.invoice_number == "F-LATE-1"
