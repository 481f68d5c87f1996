"""URLs of Omnitron: REST under `/api/v1/`, health at the root, the console at `/`."""

from importlib.util import find_spec

from django.urls import include, path

from ambar.omnitron.api import api

urlpatterns = [
    path("", include("ambar.kit.health")),
    path("api/v1/", api.urls),
]

if find_spec("ambar.omnitron.console") and find_spec("ambar.omnitron.console.urls"):
    urlpatterns.append(path("", include("ambar.omnitron.console.urls")))
