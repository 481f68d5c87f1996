"""Countries > cities > townships > districts. Coordinates are WGS 84 degrees."""

from django.db import models


class Place(models.Model):
    """What every level has; `folded` is the name under which Turkish spellings meet."""

    name = models.CharField(max_length=255)
    folded = models.CharField(max_length=255)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    coordinates_estimated = models.BooleanField(default=False)
    postcode = models.CharField(max_length=32, default="")
    priority = models.IntegerField(default=0)
    translations = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Country(Place):
    code = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(models.functions.Lower("code"), name="omnitron_country_code"),
        ]


class City(Place):
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="cities")
    code = models.CharField(max_length=16, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "name"], name="omnitron_city_name")]
        indexes = [models.Index(fields=["folded"], name="omnitron_city_folded")]


class Township(Place):
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="townships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "name"], name="omnitron_township_name")]
        indexes = [models.Index(fields=["folded"], name="omnitron_township_folded")]


class District(Place):
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    township = models.ForeignKey(Township, on_delete=models.PROTECT, related_name="districts")
    zipcode = models.CharField(max_length=32, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["township", "name"], name="omnitron_district_name")]
        indexes = [models.Index(fields=["folded"], name="omnitron_district_folded")]
