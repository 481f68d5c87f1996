"""`python -m ambar.oms lint`: what is wrong with the active scenarios."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from ambar.kit import clock
from ambar.oms.scenarios.actions.lint import lint_scenarios

WIDTH = 160
"""Characters of a line where nobody's terminal says otherwise."""
COLOURS = {"error": "red", "warning": "yellow", "notice": "cyan"}


class Command(BaseCommand):
    """Findings as a table, the worst first. Ends with 1 when there are errors."""

    help = "Say what is wrong with the active scenarios; ends with 1 when there are errors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="machine-readable")
        parser.add_argument("--language", choices=("en", "tr"), default="en", help="of the table")

    def handle(self, *args: Any, **options: Any) -> None:
        said = lint_scenarios(now=clock.now())
        if options["json"]:
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
        else:
            self._show(said, options["language"])
        if said["errors"]:
            sys.exit(1)

    def _show(self, said: dict[str, Any], language: str) -> None:
        out = self.stdout._out
        console = Console(file=out, width=None if out.isatty() else WIDTH)
        if not said["findings"]:
            console.print("No findings.")
            return
        table = Table(show_lines=True)
        for name in ("severity", "where", "cause", "effect", "fix"):
            table.add_column(name, overflow="fold")
        for finding in said["findings"]:
            texts = finding["tr"] if language == "tr" else finding
            colour = COLOURS[finding["severity"]]
            table.add_row(
                f"[{colour}]{finding['severity']}[/]\n{finding['code']}",
                " / ".join(filter(None, (finding["scenario_name"], finding["rule_name"]))) or "installation",
                texts["cause"],
                texts["effect"],
                texts["fix"],
            )
        console.print(table)
        console.print(f"{said['errors']} errors, {said['warnings']} warnings, {said['notices']} notices")
