"""Rules of the house that a look at the files can check."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 450
SAYS_NOTHING = {
    "utils.py",
    "util.py",
    "helpers.py",
    "helper.py",
    "common.py",
    "misc.py",
    "manager.py",
    "service.py",
    "base.py",
}


def tracked(*patterns: str) -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / line for line in found.splitlines() if (ROOT / line).is_file()]


def test_no_file_name_says_nothing():
    assert [str(p.relative_to(ROOT)) for p in tracked("src/**/*.py") if p.name in SAYS_NOTHING] == []


def test_files_stay_short():
    long = {
        str(p.relative_to(ROOT)): n
        for p in tracked("src/**/*.py")
        if (n := len(p.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_the_repository_stands_alone():
    """Neither a path of one machine nor a package index nor another folder's documents is named."""
    forbidden = re.compile(
        r"(?<![\w.])/(?:work|farm)/|pypi\.org|files\.pythonhosted|registry\.npmjs|\.\./shared|shared/(?:spec|design)"
    )
    named = []
    for path in tracked():
        if path.suffix in {".gz", ".png", ".mo", ".ico", ".woff2"} or path == Path(__file__).resolve():
            continue
        named += [
            f"{path.relative_to(ROOT)}: {m.group()}"
            for m in forbidden.finditer(path.read_text(errors="replace"))
        ]
    assert named == []


def test_whether_a_text_is_digits_is_asked_in_one_place():
    """`"²".isdigit()` is true, and `int("²")` raises: `kit.text.is_digits`."""
    asking = re.compile(r"\.is(?:digit|decimal|numeric)\(")
    found = [
        f"{path.relative_to(ROOT)}:{place}"
        for path in tracked("src/**/*.py")
        for place, line in enumerate(path.read_text().splitlines(), 1)
        if asking.search(line) and path.relative_to(ROOT) != Path("src/ambar/kit/text.py")
    ]
    assert found == []


def test_nothing_vendored():
    assert [
        str(p)
        for p in tracked()
        if re.search(r"\.min\.(js|css)$|node_modules/|(^|/)vendor/", str(p.relative_to(ROOT)))
    ] == []


@pytest.mark.parametrize("requirements", ["runtime.txt", "dev.txt"])
def test_every_requirement_is_pinned_with_a_hash(requirements):
    text = (ROOT / "requirements" / requirements).read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(blocks) > 20
    assert [b.splitlines()[0] for b in blocks if "==" not in b or "--hash=sha256:" not in b] == []
    assert "index-url" not in text and "find-links" not in text


def test_every_room_has_only_known_doors():
    """Whoever knows one room knows all: files beside the doors are named after the room's own nouns, folders are doors."""
    doors = {
        "domain",
        "actions",
        "api",
        "gateways",
        "migrations",
        "templates",
        "templatetags",
        "management",
        "locale",
        "static",
        "data",
        "packages",
        "shipments",
        "transfers",
        "screens",
        "__pycache__",
    }
    strangers = []
    for system in ("oms", "seller_center", "omnitron"):
        for room in (ROOT / "src/ambar" / system).iterdir():
            if room.is_dir() and room.name not in {"__pycache__", "locale"}:
                strangers += [
                    f"{system}/{room.name}/{c.name}"
                    for c in room.iterdir()
                    if c.is_dir() and c.name not in doors
                ]
    assert strangers == []
