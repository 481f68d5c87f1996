"""The screens are complete in Turkish, and the compiled texts are those of the sources."""

import gettext
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "src/ambar"
SOURCES = sorted(ROOT.rglob("locale/tr/LC_MESSAGES/django.po"))
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
ENTRY = re.compile(
    r'(?:^msgctxt "(.*)"\n)?^msgid ((?:"(?:[^"\\]|\\.)*"\n)+)(?:msgid_plural ((?:".*"\n)+))?((?:msgstr.*\n(?:".*"\n)*)+)',
    re.MULTILINE,
)


def text(quoted: str) -> str:
    return "".join(STRING.findall(quoted)).replace('\\"', '"').replace("\\n", "\n")


def entries(po: Path) -> dict[str, list[str]]:
    found = {}
    for context, identity, _plural, answers in ENTRY.findall(po.read_text()):
        found[f"{context}\x04{text(identity)}" if context else text(identity)] = [
            text(part) for part in re.split(r"^msgstr(?:\[\d\])? ", answers, flags=re.MULTILINE)[1:]
        ]
    found.pop("", None)
    return found


def test_every_console_has_turkish_texts():
    assert [str(po.relative_to(ROOT)).split("/locale")[0] for po in SOURCES] == [
        "kit/ui",
        "omnitron/console",
        "oms/console",
        "seller_center/console",
    ]


MARKED = re.compile(
    r'''(?:\b_|\bgettext_lazy|\bgettext_noop)\(\s*"((?:[^"\\]|\\.)+)"|\{% translate "((?:[^"\\]|\\.)+)"'''
)
IN_CONTEXT = re.compile(r'pgettext(?:_lazy)?\(\s*"([^"]+)",\s*"([^"]+)"')


@pytest.mark.parametrize("po", SOURCES, ids=lambda po: str(po.relative_to(ROOT).parts[0]))
def test_every_marked_text_is_in_the_catalogue(po):
    folder, known = po.parents[3], entries(po)
    files = [*folder.rglob("*.py"), *folder.rglob("*.html")]
    marked = {a or b for file in files for a, b in MARKED.findall(file.read_text())}
    marked |= {f"{a}\x04{b}" for file in files for a, b in IN_CONTEXT.findall(file.read_text())}
    assert sorted(marked - set(known)) == []


@pytest.mark.parametrize("po", SOURCES, ids=lambda po: str(po.relative_to(ROOT).parts[0]))
def test_no_text_is_untranslated_or_uncompiled(po):
    texts = entries(po)
    assert len(texts) > 20
    assert "fuzzy" not in po.read_text()
    assert [identity for identity, answers in texts.items() if not all(answers)] == []
    with po.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {
        identity: compiled.gettext(identity) for identity, answers in texts.items() if len(answers) == 1
    } == {identity: answers[0] for identity, answers in texts.items() if len(answers) == 1}


@pytest.mark.parametrize("po", SOURCES, ids=lambda po: str(po.relative_to(ROOT).parts[0]))
def test_placeholders_survive_translation(po):
    holes = re.compile(r"%\(\w+\)[sd]")
    lost = {
        i: a
        for i, answers in entries(po).items()
        for a in answers
        if sorted(holes.findall(i)) != sorted(holes.findall(a))
    }
    assert lost == {}
