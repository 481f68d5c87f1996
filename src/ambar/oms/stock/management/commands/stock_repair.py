"""`stock_repair`: preview what would mend the books, or do it."""

from typing import Any

from django.core.management import BaseCommand, CommandError

from ambar.kit import accounts, clock
from ambar.kit.refusals import Refusal
from ambar.oms.stock.actions.repair import preview, repair
from ambar.oms.stock.management.commands.stock_check import tell


class Command(BaseCommand):
    """Without `--apply` nothing changes. `--plan` applies only the plan of this hash."""

    said_as = "stock repair"
    help = "Preview what would mend the stock books; with --apply do exactly that."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--apply", action="store_true", help="do it")
        parser.add_argument("--plan", default="", help="only if the plan is still this one")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = preview()
        if options["apply"] and (plan.findings or options["plan"]):
            try:
                plan = repair(options["plan"] or plan.hash, now=clock.now())
            except Refusal as refusal:
                raise CommandError(refusal.message) from None
            accounts.audit(
                None, "stock.repaired", "stock", None, {"plan": plan.hash, "findings": len(plan.findings)}
            )
        self.stdout.write(tell(plan, as_json=options["json"], applied=options["apply"]))
