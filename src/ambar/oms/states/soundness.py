"""The transitions of this installation, examined and drawn."""

from __future__ import annotations

from ambar.oms.states import queries, registry
from ambar.oms.states.domain import chart, chart_lines, chart_svg
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.life import LIVES
from ambar.oms.states.domain.soundness import Arrow, Finding
from ambar.oms.states.domain.soundness import examine as examined

KINDS = tuple(LIVES)
LANGUAGES = {"en": 0, "tr": 1}
_TRANSLATION = ("en-us", "tr-tr")
_TOLD = {
    "unreachable_state": ("Nothing leads here", "Buraya gelen yok"),
    "dead_end": ("Nothing leads on", "Buradan çıkış yok"),
    "no_way_to_an_end": ("Only circles lead on", "Sona götüren yol yok"),
}


def _named(row: dict[str, object], language: int) -> str:
    translations = row["translations"]
    found = translations.get(_TRANSLATION[language]) if isinstance(translations, dict) else None
    name = found.get("name") if isinstance(found, dict) else None
    return str(name or row["name"])


def _names(kind: str, language: int = 0) -> dict[str, str]:
    return {row["enum_value"]: _named(row, language) for row in queries.states_of(ENUM_OF_KIND[kind])}


def _arrows(kind: str, language: int = 0) -> list[Arrow]:
    return [
        Arrow(
            id=row.id,
            slug=row.slug,
            name=_named({"name": row.name, "translations": row.translations}, language),
            command_code=row.command_code,
            source=row.source,
            destination=row.destination,
            visibility=row.visibility,
        )
        for row in queries.active_transitions(kind)
    ]


def findings(kinds: tuple[str, ...] = KINDS) -> list[Finding]:
    """What is wrong with the active transitions of these kinds. One statement per kind."""
    return [
        finding
        for kind in kinds
        for finding in examined(
            kind,
            names=_names(kind),
            arrows=_arrows(kind),
            life=LIVES[kind],
            fits=registry.fits(kind=kind),
        )
    ]


def flowchart(kind: str, *, language: str = "en") -> str:
    """The active transitions of a kind as an SVG document; dead ends and unreachable states are marked."""
    place = LANGUAGES[language]
    notes = {
        finding.state: [_TOLD[finding.code][place]]
        for finding in findings((kind,))
        if finding.state is not None and finding.code in _TOLD
    }
    names = _names(kind, place)
    boxes = chart.boxes(
        names=names, arrows=_arrows(kind, place), life=LIVES[kind], language=place, notes=notes
    )
    return chart_svg.svg(chart_lines.drawn(boxes), kind=kind, names=names, language=place)
