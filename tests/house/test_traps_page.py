"""The page of traps names tests that exist, and every trap of this stage."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "traps.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
WIRE = ROOT / "docs" / "reference" / "wire-faults.md"
TRAPS = set(range(1, 31))


def functions_of(path: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / path).read_text()) if (ROOT / path).is_file() else ast.parse("")
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_named_on_the_page_exists():
    named = NAMED.findall(PAGE.read_text())
    assert len(named) > 40
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []


def test_every_fault_of_the_wire_has_a_test_that_exists():
    text = WIRE.read_text()
    named = NAMED.findall(text)
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []
    assert [int(number) for number in re.findall(r"^\| W(\d+) ", text, re.M)] == list(range(1, 19))


def test_every_trap_of_this_stage_is_on_the_page():
    rows = [int(number) for number in re.findall(r"^\| (\d+) ", PAGE.read_text(), re.M)]
    assert sorted(rows) == sorted(TRAPS)


def test_a_test_on_the_page_that_names_a_trap_stands_in_its_row():
    wrong, trap = [], 0
    for line in PAGE.read_text().splitlines():
        if started := re.match(r"\| (\d+) ", line):
            trap = int(started[1])
        for path, name in NAMED.findall(line):
            said = re.match(r"Trap (\d+)", ast.get_docstring(functions_of(path)[name]) or "")
            wrong += [f"{name}: trap {said[1]} in the row of {trap}"] if said and int(said[1]) != trap else []
    assert wrong == []
