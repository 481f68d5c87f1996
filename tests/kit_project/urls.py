from django.urls import include, path

from tests.kit_project.api import api, open_api

urlpatterns = [
    path("", include("ambar.kit.health")),
    path("api/v1/", api.urls),
    path("api/open/", open_api.urls),
]
