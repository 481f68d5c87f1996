"""Dictionaries of places. `upstream_id` is the id at `source`; `folded` is the name as names are compared."""

from django.db import models


class Place(models.Model):
    source = models.CharField(max_length=32)
    upstream_id = models.BigIntegerField()
    name = models.CharField(max_length=255)
    folded = models.CharField(max_length=255)
    is_active = models.BooleanField(default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


def _identity(level: str) -> list[models.BaseConstraint]:
    return [models.UniqueConstraint(fields=["source", "upstream_id"], name=f"oms_places_{level}_identity")]


class Country(Place):
    """A country; `code` is compared without regard to case."""

    code = models.CharField(max_length=8)

    class Meta:
        app_label = "oms_places"
        constraints = _identity("country")
        indexes = [models.Index(fields=["folded"], name="oms_places_country_name")]


class City(Place):
    """A city (Turkish il)."""

    country = models.ForeignKey(Country, on_delete=models.PROTECT)

    class Meta:
        app_label = "oms_places"
        constraints = _identity("city")
        indexes = [models.Index(fields=["country", "folded"], name="oms_places_city_name")]


class Township(Place):
    """A township (Turkish ilçe) with its centre. `coordinates_estimated` tells a guess from a given position."""

    city = models.ForeignKey(City, on_delete=models.PROTECT)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    coordinates_estimated = models.BooleanField(default=True)

    class Meta:
        app_label = "oms_places"
        constraints = _identity("township")
        indexes = [models.Index(fields=["city", "folded"], name="oms_places_township_name")]


class District(Place):
    """A district (Turkish mahalle)."""

    township = models.ForeignKey(Township, on_delete=models.PROTECT)

    class Meta:
        app_label = "oms_places"
        constraints = _identity("district")
        indexes = [models.Index(fields=["township", "folded"], name="oms_places_district_name")]


class Alias(models.Model):
    """A name learned from a person: at `level`, below `parent_id` (0 for countries), `folded` means `target_id`."""

    level = models.CharField(max_length=16)
    parent_id = models.BigIntegerField()
    folded = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    target_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "oms_places"
        constraints = [
            models.UniqueConstraint(fields=["level", "parent_id", "folded"], name="oms_places_alias_once"),
            models.CheckConstraint(
                condition=models.Q(level__in=["country", "city", "township", "district"]),
                name="oms_places_alias_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.name}"
