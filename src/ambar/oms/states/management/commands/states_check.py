"""`states_check`: unreachable states, dead ends, transitions that can't be run."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management import BaseCommand, CommandError

from ambar.oms.states.soundness import findings


class Command(BaseCommand):
    """Exit code 1 when a finding is an error."""

    said_as = "states check"
    help = "Check states and transitions: unreachable states, dead ends, commands that don't fit."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        found = findings()
        if options["json"]:
            self.stdout.write(json.dumps({"is_well": not found, "findings": [asdict(f) for f in found]}))
        elif not found:
            self.stdout.write("Every state can be reached, and left towards an end.")
        for one in found if not options["json"] else ():
            self.stdout.write(f"{one.level} {one.code} ({one.kind}): {one.what} {one.fix}")
        if any(one.level == "error" for one in found):
            raise CommandError("transitions are wrong", returncode=1)
