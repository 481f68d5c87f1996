"""`stock_check`: compare the ledger with balances, reservations and quota."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandError

from ambar.oms.stock.actions.repair import preview
from ambar.oms.stock.domain.repairs import RepairPlan, described


def tell(plan: RepairPlan, *, as_json: bool, applied: bool) -> str:
    """The plan for people, or as one JSON document."""
    findings = [described(one) for one in plan.findings]
    if as_json:
        return json.dumps(
            {"plan": plan.hash, "is_well": not findings, "applied": applied, "findings": findings}
        )
    if not findings:
        return "Ledger, balances, reservations and quota agree."
    lines = [
        f"{one.pop('finding')}: " + ", ".join(f"{name} {value}" for name, value in one.items())
        for one in findings
    ]
    return "\n".join([*lines, f"{len(lines)} findings; plan {plan.hash}{', applied' if applied else ''}."])


class Command(BaseCommand):
    """Exit code 1 when something differs."""

    said_as = "stock check"
    help = "Compare the stock ledger with balances, reservations and quota."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = preview()
        self.stdout.write(tell(plan, as_json=options["json"], applied=False))
        if plan.findings:
            raise CommandError("the books differ", returncode=1)
