"""Makes `docs/reference/` from the code: endpoints, OpenAPI documents, settings, states, commands, roles, command line.

`python tools/reference.py` writes; `--check` writes nothing and ends with 1, showing the difference, when what is
committed differs from what the code says. Each system is asked in a process of its own, because Django takes one
settings module per process. The same code gives the same bytes on every machine.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "docs" / "reference"
SYSTEMS = ("oms", "seller_center", "omnitron")
DIFFERENCE_LINES = 60
"""Most lines of a difference that are shown per file."""

Pages = dict[str, str]


def pages_of(system: str) -> Pages:
    """What one system has to say; runs in a process that has that system's settings."""
    os.environ["DJANGO_SETTINGS_MODULE"] = f"ambar.{system}.settings"
    import django

    django.setup()
    from reference_pages import oms, wire

    return {**wire.pages(system), **(oms.pages() if system == "oms" else {})}


def asked(system: str) -> Pages:
    """The pages of one system, from a fresh process without the caller's settings."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AMBAR_", "DJANGO_"))
    }
    environment |= {
        "AMBAR_NO_DATABASE": "1", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip
    process = subprocess.run(
        [sys.executable, __file__, "--system", system],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    if process.returncode != 0:
        raise SystemExit(f"{system} could not be asked:\n{process.stderr[-3000:]}")
    pages: Pages = json.loads(process.stdout)
    return pages


def all_pages() -> Pages:
    """Every file of the reference, by its path below `docs/reference/`."""
    from reference_pages import command_line, environment, index, joined

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(SYSTEMS, pool.map(asked, SYSTEMS), strict=True))
    settings = answers["oms"].pop("application-settings")
    parts = {name: {system: pages.pop(name) for system, pages in answers.items()} for name in joined.PARTS}
    pages = {path: text for found in answers.values() for path, text in found.items()}
    pages |= {name: joined.page(name, part) for name, part in parts.items()}
    pages["settings.md"] = environment.page(ROOT) + settings
    pages["cli.md"] = command_line.page()
    pages["README.md"] = index.page(pages)
    return pages


def differences(pages: Pages) -> list[str]:
    """A readable difference per file between what is committed and what the code says; empty when they agree."""
    found = []
    for path in sorted({*pages, *_committed()}):
        file = PLACE / path
        old, new = (file.read_text() if file.exists() else ""), pages.get(path, "")
        if old != new:
            lines = list(difflib.unified_diff(
                old.splitlines(), new.splitlines(), f"committed docs/reference/{path}", "what the code says", n=1, lineterm=""
            ))  # fmt: skip
            more = len(lines) - DIFFERENCE_LINES
            found.append(
                "\n".join([*lines[:DIFFERENCE_LINES], *([f"... {more} lines more"] if more > 0 else [])])
            )
    return found


def write(pages: Pages) -> None:
    """Writes what changed and removes pages that nothing makes any more."""
    for path in _committed() - set(pages):
        (PLACE / path).unlink()
    for path, text in pages.items():
        file = PLACE / path
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)


def _committed() -> set[str]:
    """What this tool made earlier; pages written by hand stand beside it and are left alone."""
    from reference_pages import MADE

    made = [file for file in PLACE.rglob("*.md") if MADE in file.read_text()]
    return {str(file.relative_to(PLACE)) for file in [*made, *PLACE.glob("openapi/*.json")]}


def main() -> int:
    """The command line; see the module."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="compare only")
    arguments.add_argument("--system", choices=SYSTEMS, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.system:
        print(json.dumps(pages_of(given.system)))
        return 0
    pages = all_pages()
    if not given.check:
        write(pages)
        return 0
    found = differences(pages)
    if found:
        print("\n\n".join(found))
        print(
            "\ndocs/reference/ is not what the code says. `make reference` writes it again; read the difference first."
        )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
