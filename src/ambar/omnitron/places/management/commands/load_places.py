"""`python -m ambar.omnitron load_places`: the places of Turkey, loaded or brought up to date."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.omnitron.places.actions.import_places import import_places


class Command(BaseCommand):
    said_as = None
    help = "Load the countries, cities, townships and districts that come with Omnitron."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--districts-of", default="all", help="all, none, or plate codes such as 34,06,35"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = options["districts_of"]
        wanted = None if asked == "all" else [] if asked == "none" else asked.split(",")
        try:
            done = import_places(districts_of=wanted, now=clock.now())
        except Invalid as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(", ".join(f"{count} {level}" for level, count in asdict(done).items()))
