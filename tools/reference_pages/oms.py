"""Pages only the OMS has: application settings, states, commands, conditions, selectors."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from reference_pages import MADE
from reference_pages.markdown import block, code, first_line, table, whole


def pages() -> dict[str, str]:
    """All of them."""
    return {
        "application-settings": application_settings(),
        "states.md": states(),
        "commands.md": commands(),
        "conditions.md": conditions(),
        "selectors.md": selectors(),
    }


def application_settings() -> str:
    """Each declared key with what its value must look like."""
    from ambar.oms.app_settings import registry

    parts = ["## Application settings of the OMS\n",
             "Read and written at `/api/v1/oms/settings/application_settings/`. Secrets are sealed in the database and masked in "
             "answers; a masked secret sent back keeps the stored one.\n"]  # fmt: skip
    for key, declared in sorted(registry.known().items()):
        parts.append(f"### {key}\n\n{whole(declared.schema)}\n")
        secrets = ", ".join(code(".".join(path)) for path in declared.secrets) or "none"
        parts.append(f"Secrets: {secrets}.\n")
        parts.append(block(declared.schema.model_json_schema()))
    return "\n".join(parts)


def states() -> str:
    """States and seeded transitions, both languages."""
    from ambar.oms.states.domain import seed
    from ambar.oms.states.domain.codes import CONTENT_TYPE_OF_ENUM

    parts = ["# States and transitions\n", MADE,
             "Names can be changed in the console or at `/api/v1/oms/states/`; codes can't. Transitions are rows "
             "([0006](../decisions/0006-transitions-are-data.md)); these are what a fresh installation starts with.\n"]  # fmt: skip
    for enum_class, names in seed.STATE_NAMES.items():
        parts.append(f"## {enum_class}\n\nContent type {CONTENT_TYPE_OF_ENUM[enum_class]}.\n")
        parts.append(
            table(("value", "English", "Turkish"), ([code(value), *both] for value, both in names.items()))
        )
    for title, enum_class, rows in (
        ("Package", "PackageStatus", seed.PACKAGE_TRANSITIONS),
        ("Transfer", "TransferStatus", seed.TRANSFER_TRANSITIONS),
    ):
        named = seed.STATE_NAMES[enum_class]
        parts.append(f"## {title} transitions\n")
        parts.append(table(
            ("slug", "English", "Turkish", "command", "from", "to"),
            ([code(slug), en, tr, code(command), f"{named[a][0]} ({a})", f"{named[b][0]} ({b})"]
             for slug, en, tr, command, a, b in rows),
        ))  # fmt: skip
    return "\n".join(parts)


def commands() -> str:
    """Each declared command."""
    from ambar.oms.commands import registry
    from ambar.oms.states.domain import seed
    from ambar.oms.states.domain.codes import ENUM_OF_KIND

    parts = ["# Commands\n", MADE,
             "A transition row carries one of these codes and must lead from a source to a destination that the command fits. "
             "Run one by the transition's id or slug.\n"]  # fmt: skip
    for command in registry.all_commands():
        module = sys.modules[command.run.__module__]
        texts = [whole(module), whole(command.run)]
        parts.append(f"## {command.title}\n\nCode {code(command.code)}, for a {command.kind}.\n")
        parts.append("\n\n".join(text for text in texts if text) + "\n")
        parts.append(
            table(("from", "to"), _arrows(command.pairs, seed.STATE_NAMES[ENUM_OF_KIND[command.kind]]))
        )
        parts.append("Parameters:\n\n" + block(registry.schema_of(command.code)))
    return "\n".join(parts)


def _arrows(pairs: Iterable[tuple[str, str]], names: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    by_source: dict[str, list[str]] = {}
    place = {value: n for n, value in enumerate(names)}
    for source, destination in sorted(pairs, key=lambda pair: (place[pair[0]], place[pair[1]])):
        by_source.setdefault(source, []).append(destination)
    shown = {code_: f"{names[code_][0]} ({code_})" for code_ in names}
    return [(shown[source], ", ".join(shown[end] for end in ends)) for source, ends in by_source.items()]


def conditions() -> str:
    """Operators, and the fields of each place where a condition may stand."""
    from ambar.kit.conditions import OPERATORS
    from ambar.oms.scenarios.domain import fields
    from ambar.oms.upstream.domain import filters

    parts = ["# Conditions\n", MADE,
             'A condition is `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}` or a leaf `{"field", "op", "value"}`; `{}` holds '
             "always. Text is compared without regard to case and diacritics, the Turkish way; a code exactly.\n",
             "## Operators\n"]  # fmt: skip
    parts.append(table(
        ("op", "value", "for fields of type", "English", "Turkish"),
        ([code(o.name), VALUES[o.arity], ", ".join(sorted(o.types)), o.words, o.words_tr] for o in sorted(OPERATORS.values(), key=lambda o: o.name)),
    ))  # fmt: skip
    places = (
        ("The order, in a scenario's channel, shipping, payment and customer type conditions", fields.ORDER),
        ("The product, in a rule's `product_condition`", fields.PRODUCT),
        ("The location, in a rule's `location_condition`", fields.LOCATION),
        ("The order as it arrives, in `order_filters` of SELLER_CENTER_SETTINGS", filters.FIELDS),
    )
    for title, known in places:
        parts.append(f"## {title}\n")
        parts.append(
            table(
                ("field", "type", "English", "Turkish"),
                ([code(f.name), f.type, f.label, f.label_tr] for f in known),
            )
        )
    return "\n".join(parts)


VALUES = {"none": "none", "one": "one", "two": "a pair `[low, high]`", "many": "a list"}


def selectors() -> str:
    """Who is preferred among the locations a rule keeps."""
    from ambar.oms.planning.domain import selectors as known

    parts = ["# Selectors\n", MADE, whole(known).split("\n\n", 1)[-1] + "\n"]
    rows = []
    for name, selector in sorted(known.SELECTORS.items()):
        text = first_line(sys.modules[selector.value.__module__]).removeprefix(f"{name}: ")
        rows.append((code(name), text[:1].upper() + text[1:], "yes" if selector.drop else "no"))
    parts.append(table(("selector", "who comes first", "may drop a location"), rows))
    return "\n".join(parts)
