"""`prepare`: everything a system needs before it serves: migrations and collected static files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser, call_command

from ambar.kit import durability


class Command(BaseCommand):
    """Safe to run at every start; does nothing when nothing changed."""

    said_as = None
    help = "Migrate the database and collect static files; with --users also what `ensure_users` does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--users", action="store_true", help="read users on standard input, as `ensure_users` does"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        durability.insist(settings.SYSTEM)
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("collectstatic", interactive=False, verbosity=0)
        if options["users"]:
            call_command("ensure_users", stdout=self.stdout)
