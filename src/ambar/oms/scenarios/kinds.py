"""The two kinds of scenario and what differs between them; every act is written once and takes the kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ambar.oms.catalogue.models import Channel
from ambar.oms.locations.models import StockLocation
from ambar.oms.scenarios.domain.draft import check_draft, check_transfer_draft
from ambar.oms.scenarios.domain.rules import CRITERIA
from ambar.oms.scenarios.models import (
    DistributionRule,
    DistributionScenario,
    TransferRule,
    TransferScenario,
)

Draft = dict[str, Any]
CRITERIA_FIELDS = tuple(
    f"{name}_{part}" for name in CRITERIA for part in ("condition_type", "values", "query")
)
COMMON_FIELDS = ("name", "description", "is_active", "priority", *CRITERIA_FIELDS)
COLUMNS = {"default_location": "default_location_id"}
"""Fields whose column has another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`fields` are those of the scenario itself, in the order of the wire; `check(draft)` refuses with `Invalid`."""

    name: str
    noun: str
    model: Any
    rule_model: Any
    fields: tuple[str, ...]
    rule_fields: tuple[str, ...]
    check: Callable[[Mapping[str, Any]], None]

    def draft_of(self, scenario: Any) -> Draft:
        """The scenario as it can be edited and written again, rules included."""
        return {
            **{name: getattr(scenario, COLUMNS.get(name, name)) for name in self.fields},
            "rules": [
                {name: getattr(rule, name) for name in self.rule_fields} for rule in scenario.rules.all()
            ]
            if scenario.pk
            else [],
        }

    def body_of(self, draft: Mapping[str, Any]) -> Draft:
        """The draft as JSON, the same text for the same meaning: what a version keeps."""
        return {
            **{name: draft[name] for name in self.fields},
            "rules": [
                {name: _plain(rule[name]) for name in self.rule_fields if name in rule}
                for rule in draft["rules"]
            ],
        }


def _plain(value: Any) -> Any:
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _check_distribution(draft: Mapping[str, Any]) -> None:
    locations = StockLocation.objects.filter(pk=draft["default_location"], is_active=True)
    check_draft(draft, channels=_known_channels(draft), locations=set(locations.values_list("pk", flat=True)))


def _check_transfer(draft: Mapping[str, Any]) -> None:
    check_transfer_draft(draft, channels=_known_channels(draft))


def _known_channels(draft: Mapping[str, Any]) -> set[int]:
    wanted = [value for value in draft["channel_values"] if isinstance(value, int) and 0 < value < 2**63]
    return set(Channel.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


DISTRIBUTION = Kind(
    name="distribution",
    noun="distribution_scenario",
    model=DistributionScenario,
    rule_model=DistributionRule,
    fields=(
        *COMMON_FIELDS,
        "default_location",
        "initial_status",
        "initial_status_multiple",
        "replan_in_part",
    ),
    rule_fields=(
        "name",
        "product_mode",
        "product_condition",
        "location_condition",
        "split_policy",
        "max_packages",
        "split_above_amount",
        "transferable",
        "selectors",
    ),
    check=_check_distribution,
)
TRANSFER = Kind(
    name="transfer",
    noun="transfer_scenario",
    model=TransferScenario,
    rule_model=TransferRule,
    fields=COMMON_FIELDS,
    rule_fields=(
        "name",
        "location_condition",
        "product_mode",
        "product_condition",
        "source_condition",
        "selectors",
    ),
    check=_check_transfer,
)
KINDS = {kind.name: kind for kind in (DISTRIBUTION, TRANSFER)}
