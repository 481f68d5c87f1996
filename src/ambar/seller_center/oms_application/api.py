"""`/api/v1/applications/oms/`: everything a seller's OMS calls, unknown filters ignored as at the hub."""

from __future__ import annotations

from ambar.kit import rest
from ambar.seller_center.handover.api import router as handover
from ambar.seller_center.oms_application import doctor_api, orders_api, receivers_api
from ambar.seller_center.places import lists

api = rest.api("Seller Center OMS application", system="seller_center", strict_filters=False)

places_router = rest.Router()
lists.add_to(places_router, scope="oms:read")

api.add_router("", rest.login_router)
api.add_router("", orders_api.router)
api.add_router("", receivers_api.router)
api.add_router("", handover)
api.add_router("", doctor_api.router)
api.add_router("", places_router)
