"""The hooks resource under an API of its own, for tests of the kit."""

from django.urls import path

from ambar.kit import outbox, rest

outbox.register_event("parcel.moved", "parcel")
outbox.register_event("parcel.lost", "parcel")
outbox.register_event("parcel.created", "parcel")

api = rest.api("Hooks", system="hooks", strict_filters=False)
api.add_router("/whisperer", outbox.hooks_router)

urlpatterns = [path("api/v1/", api.urls)]
