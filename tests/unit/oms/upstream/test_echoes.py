"""What an echo brings, and the record it belongs to."""

from ambar.oms.upstream.domain import echoes

BEFORE = {
    "pk": 1, "status": "400", "modified_date": "2026-11-01T10:00:00Z", "handover": {"seal": "a"}, "notes": "Ring.",
    "orderitem_set": [{"pk": 11, "status": "400", "sku": "A", "invoice_date": None}, {"pk": 12, "status": "400", "sku": "B"}],
}  # fmt: skip
NEWEST = {
    "pk": 1, "status": "500", "modified_date": "2026-11-01T11:00:00Z", "handover": {"seal": "b"}, "notes": "Ring.",
    "orderitem_set": [{"pk": 11, "status": "500", "sku": "A", "tracking_number": "T"}, {"pk": 12, "status": "450", "sku": "B"}],
}  # fmt: skip


def test_the_newest_record_is_had_from_the_one_before_and_what_its_echo_brought():
    assert echoes.as_offered(BEFORE, echoes.told(NEWEST)) == NEWEST


def test_what_an_echo_may_not_bring_is_not_kept_of_it():
    assert echoes.told(NEWEST)["order"].keys() == {"status", "modified_date", "handover"}
    assert echoes.told(NEWEST)["items"][0].keys() == {"status", "tracking_number"}


def test_an_echo_of_an_earlier_version_is_no_part_of_a_later_one():
    assert echoes.as_offered(NEWEST, echoes.told(BEFORE)) == NEWEST


def test_without_an_echo_the_record_is_the_one_taken():
    assert echoes.as_offered(BEFORE, None) == BEFORE
