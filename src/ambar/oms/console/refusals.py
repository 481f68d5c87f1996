"""Refusals in the reader's language: by their stable `code`, and messages of fields by their wording.

REST answers stay English; this is for screens only. What is not known here is shown as it came.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from ambar.kit.refusals import Invalid, Refusal
from ambar.kit.text import is_digits
from ambar.kit.ui.forms import Field
from ambar.oms.console import reasons, refusal_words, validation_words

UNNAMED = frozenset({"transition", "slug", "package", "transfer", "non_field_errors", "state"})
"""What a refusal may name that is the whole act and not a field of a form."""
PATH = re.compile(r"[\w.\[\]-]{1,200}")


def words(refusal: Refusal) -> str:
    """One sentence."""
    if isinstance(refusal, Invalid) and refusal.fields:
        return " ".join(of_fields(refusal.fields).values())
    if reasons.language() == "en":
        return refusal.message
    known = refusal_words.BY_CODE.get(refusal.code)
    translated = sentence(refusal.message)
    if translated != refusal.message or known is None:
        return translated
    if refusal.code == "not_enough_stock" and _shortage(refusal):
        return f"{_(known)} {_shortage(refusal)}."
    try:
        return str(_(known) % {key: reasons.value(found) for key, found in refusal.params.items()})
    except (KeyError, TypeError, ValueError):
        return refusal.message


def of_fields(fields: Mapping[str, Any]) -> dict[str, str]:
    """`{field: what is wrong with it}`."""
    return {name: " ".join(said) for name, said in lists(fields).items()}


def lists(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """`{field: [what is wrong with it]}`, as forms show it."""
    return {name: _each(said) for name, said in fields.items()}


def _shortage(refusal: Refusal) -> str:
    """Who has how much of what: told place by place."""
    rows = [row for row in refusal.params.get("missing") or () if isinstance(row, Mapping) and "sku" in row]
    return "; ".join(
        _("%(code)s has %(have)s of %(sku)s, %(wanted)s wanted")
        % {
            "code": row.get("erp_code"),
            "have": reasons.value(row.get("have")),
            "sku": row["sku"],
            "wanted": reasons.value(row.get("wanted")),
        }
        for row in rows
    )


def _each(said: Any) -> list[str]:
    if isinstance(said, Mapping):
        return [text for part in said.values() for text in _each(part)]
    return [sentence(str(one)) for one in ([said] if isinstance(said, str) else said)]


def at_inputs(fields: Mapping[str, Any], inputs: Iterable[Field]) -> tuple[dict[str, list[str]], list[str]]:
    """(what is wrong with each input, sentences about what has no input here, named in words).

    A path such as `package_items.0` belongs to the input `package_items`.
    """
    names = {one.name for one in inputs}
    placed: dict[str, list[str]] = {}
    rest: list[str] = []
    for path, said in lists(fields).items():
        name = path if path in names else path.split(".")[0].split("[")[0]
        if name in names:
            placed.setdefault(name, []).extend(said)
        else:
            rest.append(named(path, " ".join(said)))
    return placed, rest


def named(path: str, said: str) -> str:
    """A sentence about a field that stands nowhere on the form, begun with the field in words."""
    if path in UNNAMED:
        return said
    words = [_(part.replace("_", " ").capitalize()) for part in path.split(".") if not is_digits(part)]
    return f"{' / '.join(words)}: {said}"


def sentence(message: str) -> str:
    """A message of ours or of pydantic in the reader's language; an unknown one as it is."""
    known = validation_words.sentence(message)
    if known is not None:
        return str(_(known[0]) % known[1]) if known[1] else _(known[0])
    path, colon, rest = message.partition(": ")
    if colon and PATH.fullmatch(path) and (told := sentence(rest)) != rest:
        return f"{path}: {told}"
    if not message or reasons.language() == "en":
        return message
    exact = _(message)
    if exact != message:
        return exact
    for pattern, template in refusal_words.PATTERNS:
        found = pattern.fullmatch(message)
        if found is not None:
            return str(_(template) % found.groupdict())
    return message
