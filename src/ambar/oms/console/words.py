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
    gettext_noop("Manual Planning"),
    gettext_noop("Product Not Found & Wrong Product"),
    gettext_noop("Product Not Found and Wrong Product (Advanced)"),
    gettext_noop("Refuse with Denial Reason"),
    gettext_noop("Reschedule"),
    gettext_noop("Transfer Delivered"),
    gettext_noop("Transfer Dispatch"),
    gettext_noop("Transfer Order Advanced"),
    gettext_noop("Transfer Out Of Stock"),
    gettext_noop("Product for Transfer Not Found & Wrong Product"),
    gettext_noop("Transfer Ready for Dispatch"),
    gettext_noop("Cancel"),
    gettext_noop("Confirm Cancellation"),
    gettext_noop("Complete Packaging with Shipment"),
    gettext_noop("Refuse Cancellation"),
    gettext_noop("Ship The Package without Shipment Integration"),
    gettext_noop("Package Advanced Shipment"),
    gettext_noop("Ship The Package, Basic"),
    gettext_noop("Ship The Package"),
    gettext_noop("Update Shipment Info of Package"),
    gettext_noop("Update The Package's Invoice"),
)
PARAMETERS = (
    gettext_noop("Tracking number"),
    gettext_noop("Query number"),
    gettext_noop("Note"),
    gettext_noop("Shipping company"),
    gettext_noop("Invoice number"),
    gettext_noop("Invoice date"),
    gettext_noop("Document type"),
    gettext_noop("Invoice url"),
)
