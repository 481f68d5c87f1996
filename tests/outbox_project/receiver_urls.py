"""Where parcel events arrive."""

from django.http import HttpRequest
from django.urls import path

from ambar.kit import clock, rest
from ambar.kit.outbox import inbox
from tests.outbox_project.receiving import SECRET

router = rest.Router()


@router.post("/in/")
@rest.public
def receive(request: HttpRequest) -> rest.Raw:
    envelope = inbox.verify(request, secrets=[SECRET])
    new = inbox.store("sender", envelope, now=clock.now())
    return rest.Raw(201 if new else 200, {"uuid": envelope.uuid.hex})


api = rest.api("Parcels", system="receiver", strict_filters=False)
api.add_router("", router)

urlpatterns = [path("", api.urls)]
