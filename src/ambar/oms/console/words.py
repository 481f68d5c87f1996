"""Words that reach the screens as data (command titles, parameter names), listed so that they are translated."""

from django.utils.translation import gettext_noop

COMMAND_TITLES = (
    gettext_noop("Block the Package For Action"),
    gettext_noop("Complete Packaging without Shipment"),
    gettext_noop("DeAllocate Package Reservations"),
    gettext_noop("State Transition"),
    gettext_noop("Shipment Order"),
    gettext_noop("Unblock the Package For Action"),
    gettext_noop("Update The Package's Shipment Status"),
)
PARAMETERS = (
    gettext_noop("Tracking number"),
    gettext_noop("Query number"),
    gettext_noop("Shipping company"),
)
