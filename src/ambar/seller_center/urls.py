"""URLs of the Seller Center."""

from importlib.util import find_spec

from django.urls import include, path

from ambar.seller_center.api import api, i2, oms_application

urlpatterns = [
    path("api/v1/applications/oms/", oms_application.urls),
    path("api/v1/", api.urls),
    path("api/i2/", i2.urls),
]
if find_spec("ambar.kit.health"):
    urlpatterns.append(path("", include("ambar.kit.health")))
if find_spec("ambar.seller_center.console") and find_spec("ambar.seller_center.console.screens"):
    urlpatterns.append(path("", include("ambar.seller_center.console.urls")))
