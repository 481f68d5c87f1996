"""Distribution and transfer scenarios with their rules, kept versions, shipping costs, and the stand every change raises."""

from django.db import models
from django.db.models import Q

CONDITION_TYPES = ["static", "dynamic"]


def _criteria_checks(kind: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(**{f"{name}_condition_type__in": CONDITION_TYPES}),
            name=f"oms_scenarios_{kind}{name}_type",
        )
        for name in ("channel", "shipping", "payment", "customer_type")
    ]


class Prerequisites(models.Model):
    """What both kinds of scenario have: a name, a place in the order, four criteria on the order, a version.

    `*_values` serve static, `*_query` dynamic criteria. `version` is the number of the last kept version;
    `activated_at` when the scenario was active for the first time (None: it never planned anything).
    """

    name = models.CharField(max_length=255, unique=True)
    description = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=False)
    priority = models.IntegerField(default=100)
    channel_condition_type = models.CharField(max_length=8, default="dynamic")
    channel_values = models.JSONField(default=list)
    channel_query = models.JSONField(default=dict)
    shipping_condition_type = models.CharField(max_length=8, default="dynamic")
    shipping_values = models.JSONField(default=list)
    shipping_query = models.JSONField(default=dict)
    payment_condition_type = models.CharField(max_length=8, default="dynamic")
    payment_values = models.JSONField(default=list)
    payment_query = models.JSONField(default=dict)
    customer_type_condition_type = models.CharField(max_length=8, default="dynamic")
    customer_type_values = models.JSONField(default=list)
    customer_type_query = models.JSONField(default=dict)
    version = models.IntegerField(default=0)
    activated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class DistributionScenario(Prerequisites):
    """Which orders it plans and from where (Akinon OMS: "Scenarios > Distribution Scenario").

    `replan_in_part`: what stands Out of Stock moves to a real location also in part, otherwise whole or not at all.
    """

    default_location = models.ForeignKey(
        "oms_locations.StockLocation", on_delete=models.PROTECT, related_name="+"
    )
    initial_status = models.IntegerField(default=100)
    initial_status_multiple = models.IntegerField(default=100)
    replan_in_part = models.BooleanField(default=False)

    class Meta:
        app_label = "oms_scenarios"
        constraints = [
            models.CheckConstraint(
                condition=Q(initial_status__in=[100, 150, 200], initial_status_multiple__in=[100, 150, 200]),
                name="oms_scenarios_initial_status",
            ),
            *_criteria_checks(""),
        ]


class DistributionRule(models.Model):
    """One link of a scenario's chain, in order of `position`."""

    scenario = models.ForeignKey(DistributionScenario, on_delete=models.CASCADE, related_name="rules")
    position = models.IntegerField()
    name = models.CharField(max_length=255)
    product_mode = models.CharField(max_length=8, default="all")
    product_condition = models.JSONField(default=dict)
    location_condition = models.JSONField(default=dict)
    split_policy = models.CharField(max_length=16, default="whole_order")
    max_packages = models.IntegerField(null=True)
    split_above_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    transferable = models.BooleanField(default=False)
    selectors = models.JSONField(default=list)

    class Meta:
        app_label = "oms_scenarios"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "position"], name="oms_scenarios_rule_position"),
            models.CheckConstraint(
                condition=Q(product_mode__in=["all", "only", "except"]), name="oms_scenarios_product_mode"
            ),
            models.CheckConstraint(
                condition=Q(split_policy__in=["whole_order", "whole_lines", "free"]),
                name="oms_scenarios_split_policy",
            ),
            models.CheckConstraint(
                condition=Q(max_packages__isnull=True) | Q(max_packages__gte=1),
                name="oms_scenarios_max_packages",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TransferScenario(Prerequisites):
    """Where missing goods of transferable rules come from (Akinon OMS: "Scenarios > Transfer Scenario")."""

    class Meta:
        app_label = "oms_scenarios"
        constraints = _criteria_checks("transfer_")


class TransferRule(models.Model):
    """One package rule of a transfer scenario, in order of `position`.

    `location_condition` is asked of the package's location, `source_condition` of the location that gives.
    """

    scenario = models.ForeignKey(TransferScenario, on_delete=models.CASCADE, related_name="rules")
    position = models.IntegerField()
    name = models.CharField(max_length=255)
    location_condition = models.JSONField(default=dict)
    product_mode = models.CharField(max_length=8, default="all")
    product_condition = models.JSONField(default=dict)
    source_condition = models.JSONField(default=dict)
    selectors = models.JSONField(default=list)

    class Meta:
        app_label = "oms_scenarios"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "position"], name="oms_scenarios_transfer_position"),
            models.CheckConstraint(
                condition=Q(product_mode__in=["all", "only", "except"]),
                name="oms_scenarios_transfer_product_mode",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """How something stood after one act: append-only. `body` can be written again; `rules_hash` names the active rules
    right after the act.
    """

    number = models.IntegerField()
    act = models.CharField(max_length=16)
    body = models.JSONField()
    author = models.CharField(max_length=150, default="")
    note = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    rules_hash = models.CharField(max_length=64)

    class Meta:
        abstract = True


class ScenarioVersion(Version):
    """A scenario as it stood after one act (`docs/decisions/0025-scenario-versions.md`)."""

    kind = models.CharField(max_length=16)
    scenario_id = models.BigIntegerField()

    class Meta:
        app_label = "oms_scenarios"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "scenario_id", "number"], name="oms_scenarios_version_number"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["distribution", "transfer"]), name="oms_scenarios_version_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.scenario_id} v{self.number}"


class ShippingCost(models.Model):
    """What a parcel costs within a zone: `parcel` once, `per_kg` for each kilogram. Used by SELECT_BY_COST."""

    ZONES = ("same_township", "same_city", "same_country", "abroad")

    zone = models.CharField(max_length=16, unique=True)
    parcel = models.DecimalField(max_digits=12, decimal_places=2)
    per_kg = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    modified_at = models.DateTimeField()

    class Meta:
        app_label = "oms_scenarios"
        constraints = [
            models.CheckConstraint(
                condition=Q(zone__in=["same_township", "same_city", "same_country", "abroad"]),
                name="oms_scenarios_cost_zone",
            ),
            models.CheckConstraint(
                condition=Q(parcel__gte=0, per_kg__gte=0), name="oms_scenarios_cost_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.zone


class ShippingCostVersion(Version):
    """The whole cost table as it stood after one act; `body` is its rows (`docs/decisions/0059-cost-versions.md`)."""

    class Meta:
        app_label = "oms_scenarios"
        constraints = [models.UniqueConstraint(fields=["number"], name="oms_scenarios_cost_version_number")]

    def __str__(self) -> str:
        return f"shipping costs v{self.number}"


class RulesVersion(models.Model):
    """One row, id 1: raised with every change, so that planners know when to read again."""

    id = models.SmallIntegerField(primary_key=True)
    version = models.BigIntegerField(default=1)

    class Meta:
        app_label = "oms_scenarios"

    def __str__(self) -> str:
        return str(self.version)
