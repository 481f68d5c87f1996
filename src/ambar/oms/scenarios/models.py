"""Distribution scenarios and their rules, and the version every change raises."""

from django.db import models
from django.db.models import Q

CONDITION_TYPES = ["static", "dynamic"]


class DistributionScenario(models.Model):
    """A scenario (Akinon OMS: "Scenarios > Distribution Scenario"). `*_values` serve static, `*_query` dynamic."""

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
    default_location = models.ForeignKey(
        "oms_locations.StockLocation", on_delete=models.PROTECT, related_name="+"
    )
    initial_status = models.IntegerField(default=100)
    initial_status_multiple = models.IntegerField(default=100)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        app_label = "oms_scenarios"
        constraints = [
            models.CheckConstraint(
                condition=Q(initial_status__in=[100, 150, 200], initial_status_multiple__in=[100, 150, 200]),
                name="oms_scenarios_initial_status",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}_condition_type__in": CONDITION_TYPES}),
                    name=f"oms_scenarios_{name}_type",
                )
                for name in ("channel", "shipping", "payment", "customer_type")
            ),
        ]

    def __str__(self) -> str:
        return self.name


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


class RulesVersion(models.Model):
    """One row, id 1: raised with every change, so that planners know when to read again."""

    id = models.SmallIntegerField(primary_key=True)
    version = models.BigIntegerField(default=1)

    class Meta:
        app_label = "oms_scenarios"

    def __str__(self) -> str:
        return str(self.version)
