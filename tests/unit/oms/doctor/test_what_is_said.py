"""Everything the doctor may say is said in both languages, with the same figures, and a fix where something is wrong."""

from __future__ import annotations

import string

import pytest

from ambar.oms.doctor.domain.finding import Finding, Text, broken, said
from ambar.oms.doctor.domain.texts import TEXTS

PARTS = ("what", "why", "fix")


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_both_languages_say_the_same_with_the_same_figures(code):
    text: Text = TEXTS[code]
    for part in PARTS:
        english, turkish = getattr(text, part)
        assert bool(english) == bool(turkish), part
        assert holes(english) == holes(turkish), part
    if code != "scenario_error":
        assert text.what[0] != text.what[1]


@pytest.mark.parametrize("code", sorted(code for code, text in TEXTS.items() if text.verdict == "broken"))
def test_what_is_wrong_has_a_reason_and_a_remedy(code):
    assert TEXTS[code].why[0] and TEXTS[code].fix[0]


def test_a_figure_may_be_said_otherwise_in_turkish():
    text = broken(("{problem}!", "{problem}?"), ("why", "neden"), ("fix {n}", "düzelt {n}"))
    found = Finding(step=1, name="x", code="x", figures={"problem": "late", "problem_tr": "geç", "n": 3})
    assert said(text, found, "en") == ("late!", "why", "fix 3")
    assert said(text, found, "tr-tr") == ("geç?", "neden", "düzelt 3")
