"""`prepare`: everything a system needs before it serves: migrations and collected static files."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, call_command


class Command(BaseCommand):
    """Safe to run at every start; does nothing when nothing changed."""

    help = "Migrate the database and collect static files."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("collectstatic", interactive=False, verbosity=0)
