from __future__ import annotations

import pytest

from ambar.kit.refusals import Invalid
from ambar.oms.commands.registry import all_commands, command_of
from ambar.oms.states.domain import seed
from ambar.oms.states.domain.codes import ENUM_CLASSES
from ambar.oms.states.domain.fits import CommandFit, pairs, require_fit, same_state_pairs


def test_every_code_has_an_english_and_a_turkish_name():
    assert {name: frozenset(rows) for name, rows in seed.STATE_NAMES.items()} == ENUM_CLASSES
    assert [v for rows in seed.STATE_NAMES.values() for v, (en, tr) in rows.items() if not en or not tr] == []


def test_every_seeded_transition_fits_its_command_and_has_a_slug_of_its_own():
    slugs = [row[0] for row in seed.PACKAGE_TRANSITIONS]
    assert len(set(slugs)) == len(slugs)
    unfit = [
        row[0]
        for row in seed.PACKAGE_TRANSITIONS
        if (command := command_of(row[3])) is None or (row[4], row[5]) not in command.pairs
    ]
    assert unfit == []


def test_every_command_has_a_seeded_transition():
    rows = (*seed.PACKAGE_TRANSITIONS, *seed.TRANSFER_TRANSITIONS)
    assert {c.code for c in all_commands()} == {row[3] for row in rows}


def test_a_plain_transition_never_crosses_packing_blocking_or_cancelling():
    plain = command_of("PKG_STATE_TRANSITION")
    before, after = {"100", "150", "200", "300", "400"}, {"500", "600", "620", "640", "660", "700", "740"}
    assert {s for s, _ in plain.pairs} == before | after
    assert [p for p in plain.pairs if (p[0] in before) != (p[1] in before)] == []


FIT = CommandFit(code="X", kind="package", title="X", pairs=pairs([100, 200], [500]))


def test_a_command_is_refused_with_the_field_that_does_not_suit():
    with pytest.raises(Invalid) as wrong_source:
        require_fit(FIT, code="X", source="600", destination="500")
    assert wrong_source.value.fields == {
        "source_state": ["X does not start from 600. Allowed: 100->500, 200->500."]
    }
    with pytest.raises(Invalid) as wrong_end:
        require_fit(FIT, code="X", source="100", destination="600")
    assert wrong_end.value.fields == {
        "destination_state": ["X does not lead from 100 to 600. Allowed: 100->500, 200->500."]
    }
    with pytest.raises(Invalid) as unknown:
        require_fit(None, code="Y", source="100", destination="600")
    assert unknown.value.fields == {"command_code": ["Unknown command code 'Y'."]}
    assert require_fit(FIT, code="X", source="100", destination="500") is FIT


def test_pairs_never_lead_to_themselves_unless_asked():
    assert pairs([100, 200], [100, 200]) == {("100", "200"), ("200", "100")}
    assert same_state_pairs([500]) == {("500", "500")}
