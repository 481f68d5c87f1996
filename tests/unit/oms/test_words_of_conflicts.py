"""Every reason a conflict of the hand-over can have is told in Turkish on Turkish screens, its figures kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.utils import translation

from ambar.oms.console import conflict_words
from ambar.oms.console.screens.handover import _unknown as unknown

AMBAR = Path(__file__).resolve().parents[3] / "src/ambar"
ROOMS = (
    AMBAR / "oms/handover/actions",
    AMBAR / "oms/handover/domain",
    AMBAR / "oms/handover/gateways",
    *sorted((AMBAR / "oms/handover").glob("*.py")),
    AMBAR / "seller_center/handover/actions/take_back.py",
    AMBAR / "seller_center/handover/domain/offered.py",
)
"""Where reasons are made: here, and at the Seller Center for what it does not take back."""
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|FROM|AND|ORDER)\b")
WIRE = frozenset({"api.py", "schemas.py"})
"""What these say is told over REST."""


@pytest.fixture(autouse=True)
def english_thread():
    with translation.override("en"):
        yield


def turkish(reason: str) -> str:
    """As the screens tell it; what a closing statement can't know begins with `Whether`."""
    speak = unknown if reason.startswith("Whether ") else conflict_words.words
    with translation.override("tr"):
        return speak(reason)


def templates(node: ast.expr) -> list[str]:
    """What a text of the code may read as, `X7` where a value stands; a choice in it is made both ways."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if not isinstance(node, ast.JoinedStr):
        return []
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append([str(part.value)])
        elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.IfExp):
            parts.append(templates(part.value.body) + templates(part.value.orelse) or ["X7"])
        else:
            quoted = isinstance(part, ast.FormattedValue) and part.conversion == ord("r")
            parts.append(["'X7'", '"X7"'] if quoted else ["X7"])
    return ["".join(chosen) for chosen in product(*parts)]


def texts(tree: ast.Module) -> Iterator[str]:
    """Texts of a module that are sentences: begun with a capital or a value, of several words. Not docstrings, not SQL."""
    silent = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # a text that stands for itself describes something
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in silent:
            yield from (one for one in templates(node) if is_sentence(one))


def is_sentence(text: str) -> bool:
    words = text.split()
    begins = re.match(r"[A-Z][a-z]+ |In |X7 of ", text) is not None
    return begins and len(words) > 2 and SQL.match(text) is None


def refusals_of(tree: ast.Module) -> Iterator[str]:
    """What is raised or set as a reason, also where it does not begin like a sentence."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in ("CannotRestore", "Unknowable", "ValueError") and call.args:
            yield from templates(call.args[0])
        yield from (one for key in call.keywords if key.arg == "reason" for one in templates(key.value))


def reasons() -> list[tuple[str, str]]:
    found = set()
    for place in ROOMS:
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if file.name not in WIRE:
                tree = ast.parse(file.read_text())
                found |= {(file.name, said) for said in (*texts(tree), *refusals_of(tree)) if said.strip()}
    return sorted(found)


def test_the_walk_meets_the_reasons_there_are():
    met = {said for _, said in reasons()}
    assert len(met) > 30
    assert met >= {
        "In quarantine: X7",
        "Not taken by the rule: X7",
        "Its order is not here. X7",
        "Package X7: X7",
        "The Seller Center does not list it any more.",
        "The other side does not have it yet.",
        "Its log and its lines tell different states; a person has to look.",
        "Its location 'X7' is not unique here.",
        'Its location "X7" is unknown here.',
        "X7 of X7 would stand in two packages: X7 are open.",
        "The Seller Center's record can't be read: X7",
        "No active hook tells the Seller Center of X7; run the doctor.",
        "It was not offered to this seller.",
        "Packages hold units of a line that was lost here; they have to be looked at first.",
    }


def test_a_new_reason_is_met():
    source = "def act():\n    refused = {'1': f'Its carrier {name} went out of business.'}\n"
    assert list(texts(ast.parse(source))) == ["Its carrier X7 went out of business."]


@pytest.mark.parametrize(("file", "said"), reasons(), ids=lambda one: one[:40])
def test_every_reason_has_its_turkish(file, said):
    told = turkish(said)
    assert told != said
    assert told.count("X7") == said.count("X7"), "no figure is lost"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("Not taken by the rule: only big ones", "Şu kural almadı: only big ones"),
        ("Its order is not here. Not taken by the rule: only big ones", "Siparişi burada değil. Şu kural almadı: only big ones"),
        ("In quarantine: unknown city: Atlantis", "Karantinada: “Atlantis” şehri bilinmiyor."),
        (
            'In quarantine: number: order 7 is "N-1" here, and comes as "N-2"',
            "Karantinada: 7 kimlikli sipariş burada “N-1”, ama “N-2” olarak geldi: aynı kimlikle başka bir sistemin siparişi mi?",
        ),
        ("In quarantine: amount: is not an amount of money", "Karantinada: amount: Bir para tutarı değil."),
        ("Package N-1-2: Its location 'Depo' is unknown here.", "N-1-2 paketi: “Depo” lokasyonu burada bilinmiyor."),
        (
            "Its order is not here. In quarantine: unknown city: Atlantis",
            "Siparişi burada değil. Karantinada: “Atlantis” şehri bilinmiyor.",
        ),
        ('Its location "Kadıköy\'deki" is unknown here.', "“Kadıköy'deki” lokasyonu burada bilinmiyor."),
        ("2.000 of SKU-A would stand in two packages: 1.000 are open.", None),
        ("Something nobody wrote down.", "Something nobody wrote down."),
    ],
)  # fmt: skip
def test_what_a_reason_carries_is_told_in_turkish_too(reason, told):
    if told is None:
        assert "SKU-A" in turkish(reason) and "2.000" in turkish(reason) and "would" not in turkish(reason)
    else:
        assert turkish(reason) == told
