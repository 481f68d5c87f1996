"""Events a seller's OMS (or other software) may subscribe to: the push path beside polling.

Source: "Integrating OMS with Seller Center" (orders flow through the Seller Center); the envelope and the types are those
of the hub, so that an OMS takes both at the same receivers.
"""

ORDER = "order"
ORDER_CREATED = "order.created"
ORDER_UPDATED = "order.updated"
PLAN = "cancellation_plan"
PLAN_CREATED = "cancellation_plan.created"
PLAN_UPDATED = "cancellation_plan.updated"

ALL = {ORDER_CREATED: ORDER, ORDER_UPDATED: ORDER, PLAN_CREATED: PLAN, PLAN_UPDATED: PLAN}
