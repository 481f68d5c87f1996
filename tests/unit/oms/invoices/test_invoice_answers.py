from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from ambar.oms.invoices.domain import asking, documents
from ambar.oms.invoices.domain.answers import Answer, BadAnswer, read_answer

PDF = b"%PDF-1.4 an invoice"
GOOD = {
    "invoice_number": " F1 ",
    "invoice_date": "2026-01-15T10:00:00+03:00",
    "document_type": "e_archive",
    "document_content": base64.b64encode(PDF).decode(),
    "invoice_url": "https://erp.example/f1?a=b",
}


def test_a_whole_answer_is_read():
    assert read_answer(GOOD, number_made=False) == Answer(
        number="F1",
        date=datetime(2026, 1, 15, 7, tzinfo=UTC),
        document_type="e_archive",
        url="https://erp.example/f1?a=b",
        content=PDF,
        content_type="application/pdf",
    )


def test_a_number_alone_is_an_answer_and_may_be_a_figure():
    assert read_answer({"invoice_number": 77}, number_made=False) == Answer(number="77")


def test_our_own_number_goes_before_what_the_answer_says():
    assert read_answer({"invoice_number": "THEIRS"}, number_made=True).number == ""
    assert read_answer({}, number_made=True) == Answer()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"invoice_number": None}, "the answer holds no invoice_number"),
        ({"invoice_number": "  "}, "the answer holds no invoice_number"),
        ({"invoice_number": True}, "invoice_number is not a text"),
        ({"invoice_number": ["F1"]}, "invoice_number is not a text"),
        ({"invoice_number": "F\x001"}, "invoice_number is not a text"),
        ({"invoice_number": "F\n1"}, "invoice_number is not a text"),
        ({"invoice_number": "F\ud800"}, "invoice_number is not a text"),
        ({"invoice_number": "F" * 129}, "invoice_number is longer than 128 characters"),
        ({"invoice_date": "yesterday"}, "invoice_date is not an ISO 8601 moment"),
        ({"invoice_date": 20260115}, "invoice_date is not an ISO 8601 moment"),
        ({"document_type": "x" * 33}, "document_type is longer than 32 characters"),
        (
            {"invoice_url": "javascript:alert(1)"},
            "invoice_url must be an http or https URL without credentials",
        ),
        (
            {"invoice_url": "https://u:p@erp.example/"},
            "invoice_url must be an http or https URL without credentials",
        ),
        ({"invoice_url": 5}, "invoice_url must be a text"),
        ({"invoice_url": "https://erp.example/\ud800"}, "invoice_url must be a text"),
        ({"document_content": 5}, "document_content is not a text"),
        ({"document_content": "%%%"}, "document_content: the document is not base64"),
        ({"document_content": "QUJD"}, "document_content: the document is none of PDF, PNG, JPEG, XML"),
    ],
)
def test_a_field_that_is_wrong_is_named(changed, reason):
    with pytest.raises(BadAnswer) as caught:
        read_answer({**GOOD, **changed}, number_made=False)
    assert caught.value.reason == reason


@pytest.mark.parametrize("body", [None, [], "F1", 5])
def test_what_is_no_object_is_no_answer(body):
    with pytest.raises(BadAnswer, match="the answer is not a JSON object"):
        read_answer(body, number_made=True)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?>", "application/xml"),
    ],
)
def test_a_document_is_known_by_how_it_begins(content, kind):
    assert documents.content_type_of(content) == kind


def test_a_document_that_is_empty_or_too_large_is_refused():
    with pytest.raises(documents.NotADocument, match="empty"):
        documents.content_type_of(b"")
    with pytest.raises(documents.NotADocument, match="larger than 5 MiB"):
        documents.content_type_of(b"%PDF-" + b" " * documents.LARGEST)
    largest = b"%PDF-".ljust(documents.LARGEST)
    assert (
        documents.content_type_of(documents.decoded(base64.encodebytes(largest).decode()[:20]))
        == "application/pdf"
    )
    assert len(base64.b64encode(largest)) <= documents.LONGEST_BASE64


def test_the_name_of_the_file_can_not_break_out_of_its_header():
    assert documents.file_name('F"; x=\r\n/ş', "application/pdf") == "invoice-F---x-----.pdf"


def test_a_question_is_left_to_its_caller_for_as_long_as_it_may_take():
    one = asking.service(
        "invoice", {"remote_url": "https://erp.example/", "timeouts": {"read": 10, "connect": 2}}
    )
    assert asking.lease(1, one) == timedelta(seconds=17)
    assert asking.lease(9, one) == timedelta(seconds=29)
    assert asking.lease(1000, one) == timedelta(seconds=77)


def test_the_service_of_a_channel_goes_before_the_one_of_all_channels():
    services = [
        {"name": "a", "source": "seller_center"},
        {"name": "b", "source": "seller_center", "channel": "Web"},
        {"name": "c", "source": "omnitron"},
    ]
    chosen = {
        origin: (asking.bill_service(services, source=origin[0], channel=origin[1]) or {}).get("name")
        for origin in [
            ("seller_center", "Web"),
            ("seller_center", "Shop"),
            ("omnitron", "Web"),
            ("else", "Web"),
        ]
    }
    assert list(chosen.values()) == ["b", "a", "c", None]


def test_our_own_numbers_have_sixteen_places():
    assert asking.made_number("AMB", 42, now=datetime(2026, 5, 1, tzinfo=UTC)) == "AMB2026000000042"
