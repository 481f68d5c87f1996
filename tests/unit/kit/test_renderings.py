from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree

from ambar.kit.rest.renderings import as_html, as_xml


def test_xml_has_the_keys_of_the_answer_and_what_fits_no_name_as_entries():
    told = {
        "count": 1,
        "next": None,
        "results": [
            {"a": True, "b": Decimal("1.50"), "at": datetime(2026, 1, 2, tzinfo=UTC), "x<y": "a & b"}
        ],
    }
    content = as_xml(told).content
    assert content.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<root><count>1</count><next/>')
    (item,) = ElementTree.fromstring(content).findall("results/list-item")
    assert [item.findtext(key) for key in ("a", "b", "at")] == ["true", "1.50", "2026-01-02T00:00:00.000000Z"]
    entry = item.find("entry")
    assert entry is not None and (entry.get("name"), entry.text) == ("x<y", "a & b")


def test_xml_says_nothing_that_a_reader_would_refuse():
    (text,) = ElementTree.fromstring(as_xml({"results": ["a\x01b"]}).content).findall("results/list-item")
    assert text.text == "a\ufffdb"


def test_html_escapes_what_it_is_told():
    told = {
        "count": None,
        "next": "/x?a=1&b=2",
        "previous": None,
        "results": [{"a": {"b": "<script>"}, "n": None}],
    }
    text = as_html(told, {"first": "a.b", "none": "n"}, name="things").content.decode()
    assert "<td>&lt;script&gt;</td><td></td>" in text and "in all" not in text
    assert '<a href="/x?a=1&amp;b=2">Next</a>' in text
