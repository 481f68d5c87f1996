"""A finding: what was looked at, what came of it, and which act mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["holds", "broken", "unknown"]
Said = tuple[str, str]
"""English, Turkish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is said of one kind of outcome, with the finding's figures in braces.

    `unknown` is for what can't be told from here: it is shown, and does not fail the examination.
    """

    verdict: Verdict
    what: Said
    why: Said
    fix: Said = ("", "")


def holds(what: Said, why: Said) -> Text:
    """The text of something that is as it should be."""
    return Text(verdict="holds", what=what, why=why)


def broken(what: Said, why: Said, fix: Said) -> Text:
    """The text of something wrong, with its exact remedy."""
    return Text(verdict="broken", what=what, why=why, fix=fix)


def unknown(what: Said, why: Said, fix: Said = ("", "")) -> Text:
    """The text of something that can't be known from here."""
    return Text(verdict="unknown", what=what, why=why, fix=fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's outcome.

    `step` is the step of the public set-up page, 5 the walk of a synthetic order; `name` what was looked at, stable
    over examinations; `code` the kind of outcome, a key of `texts.TEXTS`. `remedy` names the act that mends it (or, of
    a finding that holds, does beforehand what can be done), `needs` what that act must be told. `took_ms` is set where
    a call was made.
    """

    step: int
    name: str
    code: str
    figures: Mapping[str, object] = field(default_factory=dict)
    remedy: str = ""
    needs: tuple[str, ...] = ()
    took_ms: int | None = None


LANGUAGES = {"en": 0, "tr": 1}


def said(text: Text, finding: Finding, language: str) -> tuple[str, str, str]:
    """What, why and fix of a finding; `language` en or tr. A figure `x_tr` stands for `x` in Turkish."""
    place = LANGUAGES["tr" if language.startswith("tr") else "en"]
    values = dict(finding.figures)
    if place:
        values |= {name.removesuffix("_tr"): value for name, value in values.items() if name.endswith("_tr")}
    return (
        text.what[place].format(**values),
        text.why[place].format(**values),
        text.fix[place].format(**values),
    )
