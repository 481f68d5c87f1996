"""Whatever a hook's form is refused with is told in Turkish on Turkish screens, its figures kept."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from ambar.kit.outbox.actions.replay_events import ReplayIsOver
from ambar.kit.outbox.actions.retry_delivery import EventAlreadyDelivered, EventStillInProgress
from ambar.kit.ui.webhooks import hook_words

KIT = Path(__file__).resolve().parents[4] / "src/ambar/kit"
ROOMS = ("outbox/actions/save_hook.py", "outbox/domain/hook_fields.py", "outbox/domain/countdown.py", "outbox/rotation.py",
         "outbox/registry.py", "http/guard.py", "outbox/domain/replay_fields.py", "outbox/actions/replay_events.py")  # fmt: skip


def templates(tree: ast.Module) -> Iterator[str]:
    """Sentences of a module, `X7` where a value stands, and whatever an address is refused with; no docstrings."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    refused = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AddressRefused"
    }
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(one.value) if isinstance(one, ast.Constant) else "X7" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) in refused or (text.endswith(".") and " " in text):
            yield text


def sentences() -> list[str]:
    return sorted({text for room in ROOMS for text in templates(ast.parse((KIT / room).read_text()))})


def turkish(text: str) -> str:
    with translation.override("tr"):
        return hook_words.words(text)


def test_the_walk_meets_the_sentences_there_are():
    assert len(sentences()) > 35
    assert set(sentences()) >= {
        "The value of X7 is masked: write the value itself.",
        "X7 secrets were replaced within 24 hours and sign still; there is room for another from X7 on.",
        "X7 can't be resolved in time",
        "This field is required.",
    }


@pytest.mark.parametrize("text", sentences())
def test_every_sentence_has_its_turkish(text):
    told = turkish(text)
    assert told != text
    assert told.count("X7") == text.count("X7"), "no figure is lost"


@pytest.mark.parametrize("refusal", [EventAlreadyDelivered, EventStillInProgress, ReplayIsOver])
def test_another_try_and_a_replay_are_refused_in_turkish_too(refusal):
    message = refusal().message
    assert turkish(message) not in ("", message)


def test_the_reason_of_a_refused_address_is_told_too():
    assert turkish("This address may not be connected to: only http and https are spoken.") == (
        "Bu adrese bağlanılamaz: yalnızca http ve https konuşulur."
    )
    assert turkish("Something nobody wrote down.") == "Something nobody wrote down."
    with translation.override("en"):
        assert hook_words.words("The value of token is masked: write the value itself.") == (
            "The value of token is masked: write the value itself."
        )
