"""Words for times, forms from schemas, pictures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone, translation

from ambar.kit.ui import cells, charts, forms, looks, moments

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("back", "english", "turkish"),
    [
        (timedelta(seconds=20), "just now", "az önce"),
        (timedelta(minutes=12), "12 min ago", "12 dk önce"),
        (timedelta(hours=5, minutes=59), "5 h ago", "5 sa önce"),
        (timedelta(days=1), "1 day ago", "1 gün önce"),
        (timedelta(days=3), "3 days ago", "3 gün önce"),
        (timedelta(minutes=-10), "in 10 min", "10 dk sonra"),
        (timedelta(days=45), "29 Jan 2026", "29 Oca 2026"),
    ],
)
def test_times_are_said_as_people_say_them(back, english, turkish):
    with translation.override("en"):
        assert moments.spoken(NOW - back, now=NOW) == english
    with translation.override("tr"):
        assert moments.spoken(NOW - back, now=NOW) == turkish


def test_exact_time_is_on_hover():
    drawn = str(moments.draw(NOW - timedelta(minutes=1), now=NOW))
    assert 'title="15 Mar 2026 11:59:00 UTC"' in drawn
    assert 'datetime="2026-03-15T11:59:00+00:00"' in drawn


@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "Europe/Istanbul"),
        (datetime(1, 1, 1, tzinfo=UTC), "America/New_York"),
    ],
)
def test_at_the_ends_of_the_calendar_a_moment_is_shown_in_its_own_zone(moment, zone):
    """One such date took a whole list away from every reader to the east."""
    with timezone.override(ZoneInfo(zone)):
        drawn = str(moments.draw(moment, now=NOW))
    assert f'datetime="{moment.isoformat()}"' in drawn
    assert " UTC" in drawn


SCHEMA = {
    "type": "object",
    "required": ["count", "kind"],
    "properties": {
        "count": {"type": "integer", "title": "Item Count"},
        "kind": {"$ref": "#/$defs/Kind"},
        "weight": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None},
        "fragile": {"type": "boolean", "default": True},
        "items": {"type": "array", "items": {"type": "integer"}},
        "extra": {"type": "object"},
        "package": {"type": "integer"},
    },
    "$defs": {"Kind": {"enum": ["box", "bag"], "type": "string"}},
}


def posted(**values: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update(values)
    return query


def test_a_schema_becomes_inputs():
    found = forms.fields(SCHEMA, hidden=("package",))
    assert [(field.name, field.label, field.kind, field.required) for field in found] == [
        ("count", "Item count", "integer", True),
        ("kind", "Kind", "choice", True),
        ("weight", "Weight", "number", False),
        ("fragile", "Fragile", "check", False),
        ("items", "Items", "list", False),
        ("extra", "Extra", "json", False),
    ]
    assert found[1].options == (("box", "box"), ("bag", "bag"))
    assert found[3].value is True


def test_answers_get_their_types_and_empty_optional_ones_stay_out():
    inputs = forms.fields(SCHEMA, hidden=("package",))
    values, errors, _raw = forms.read(
        inputs, posted(count="3", kind="bag", items="7\n8, 9", extra='{"a": 1}', weight="")
    )
    assert (values, errors) == (
        {"count": 3, "kind": "bag", "fragile": False, "items": [7, 8, 9], "extra": {"a": 1}},
        {},
    )


def test_wrong_answers_are_named_and_shown_again():
    inputs = forms.fields(SCHEMA, hidden=("package",))
    _values, errors, raw = forms.read(
        inputs, posted(count="x", kind="sack", items="a", extra="NaN", weight="1,5,2")
    )
    assert errors == {
        "count": ["Write a whole number."],
        "kind": ["Choose one of the options."],
        "items": ["Write whole numbers, one per line."],
        "extra": ["This is not valid JSON."],
        "weight": ["Write a number."],
    }
    assert raw["count"] == "x"
    assert forms.read(inputs, posted())[1] == {
        "count": ["Fill in this field."],
        "kind": ["Fill in this field."],
    }


def test_the_flow_picture_is_sound_and_escapes_what_it_shows():
    stages = [
        charts.Stage(
            label="Taken <b>",
            count=1200,
            note="0 to plan",
            stuck=3,
            reason="in quarantine",
            href="/orders/?a=1&b=2",
        ),
        charts.Stage(label="Delivered", count=0),
    ]
    with translation.override("en"):
        drawn = str(charts.flow(stages, title="Flow"))
    root = ElementTree.fromstring(drawn)
    texts = [element.text for element in root.iter("text")]
    assert texts == ["Taken <b>", "1,200", "0 to plan", "3 in quarantine", "Delivered", "0", None]
    assert " style=" not in drawn


def test_a_bar_at_its_limit_alarms():
    drawn = charts.bars(
        [
            charts.Bar(label="A", value=10, limit=10),
            charts.Bar(label="B", value=9, limit=10),
            charts.Bar(label="C", value=1, limit=10),
        ],
        title="Quota",
    )
    tones = [
        e.get("class")
        for e in ElementTree.fromstring(drawn).iter("rect")
        if e.get("class", "").startswith("bar")
    ]
    assert [tone.strip() for tone in tones] == ["bar bad", "bar warn", "bar"]


def test_numbers_and_money_follow_the_language():
    for language, number, money in (("en", "1,234.5", "1,234.50 TRY"), ("tr", "1.234,5", "1.234,50 TRY")):
        with translation.override(language):
            assert cells.number("1234.50") == number
            assert cells.money(("1234.5", "try")) == money


def test_a_state_is_colour_shape_and_word():
    drawn = str(looks.draw(looks.Look(tone="bad", shape="stop", word="Blocked & <held>")))
    assert 'class="state tone-bad"' in drawn and "<svg" in drawn and "Blocked &amp; &lt;held&gt;" in drawn
