"""Places room."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "ambar.omnitron.places"
    label = "omnitron_places"
    verbose_name = "Places"
    default_auto_field = "django.db.models.BigAutoField"
