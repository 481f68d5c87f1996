"""What the OMS refuses with, listed so that it is translated: sentences with the places of their figures."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_noop

from ambar.oms.console import floor_words, handover_words, room_words

BY_CODE: Mapping[str, str] = {
    "changed_meanwhile": gettext_noop(
        "Somebody else (%(author)s) saved version %(version)s in the meantime. Look at it and change it again."
    ),
    "scenario_was_active": gettext_noop(
        "This scenario was active and decisions refer to it: it is kept, inactive."
    ),
    "quota_exceeded": gettext_noop("A location has no packaging quota left."),
    "not_enough_stock": gettext_noop("There is not enough stock."),
    "engine_in_use": gettext_noop("Locations point to this engine: give them another first."),
    "plan_changed": gettext_noop("The books moved on since this was shown. Look again."),
    "not_held": gettext_noop("The stock is no longer reserved as this action expects."),
}
"""Sentences for codes whose own message carries figures that do not translate word by word."""

SENTENCES = (
    gettext_noop("OMNITRON_CLIENT_SETTINGS must be set first."),
    gettext_noop("This action is over; nothing is left to cancel or resume."),
    gettext_noop(
        "The record could not be handled, by no fault of the caller; the log of the worker tells more."
    ),
    gettext_noop("%(code)s has %(have)s of %(sku)s, %(wanted)s wanted"),
    gettext_noop("An active scenario cannot be deleted: deactivate it instead."),
    gettext_noop("The package is in %(now)s now; this transition starts from %(start)s."),
    gettext_noop("The transfer is in %(now)s now; this transition starts from %(start)s."),
    gettext_noop("The package is named twice in this call."),
    gettext_noop("The transfer is named twice in this call."),
    gettext_noop("Package not found."),
    gettext_noop("Transfer not found."),
    gettext_noop("Not found."),
    gettext_noop("The stock of this package is not reserved at its location."),
    gettext_noop("The package was blocked from another state."),
    gettext_noop("The package is not in the expected state any more."),
    gettext_noop("The transfer is not in the expected state any more."),
    gettext_noop("The package does not wait for this transfer any more."),
    gettext_noop("The package of %(number)s is in state %(state)s; it waits for no transfer."),
    gettext_noop("The goods of this transfer are not reserved at its source."),
    gettext_noop("%(number)s: only the source location runs this command."),
    gettext_noop("%(number)s: only the destination location runs this command."),
    gettext_noop("No active denial reason has the id %(id)s."),
    gettext_noop("%(item)s is not an item of package %(number)s."),
    gettext_noop("Item %(item)s is named twice."),
    gettext_noop("Package %(number)s is not out of stock."),
    gettext_noop("Location of package %(number)s has no package %(id)s."),
    gettext_noop("Package %(id)s is being worked on now; try again."),
    gettext_noop("Package %(number)s gets the stock of another package in this call."),
    gettext_noop("No active product has the SKU '%(sku)s'."),
    gettext_noop("Item %(item)s is %(sku)s already."),
    gettext_noop("Item %(item)s is named in %(field)s already."),
    gettext_noop("Item %(item)s is missing: it has no barcode to keep."),
    gettext_noop("Prepare Package also runs %(codes)s from state %(state)s: activate a transition for it."),
    gettext_noop(
        "One item was replaced by another product in one package and not in %(number)s: pack them apart."
    ),
    gettext_noop("No active stock location has the ERP code '%(code)s'."),
    gettext_noop("Give transition or slug."),
    gettext_noop("No such transition of packages."),
    gettext_noop("No such transition of transfers."),
    gettext_noop("'%(mode)s' needs a condition."),
    gettext_noop("%(value)s is not a %(kind)s value."),
    gettext_noop("'%(op)s' takes exactly two values."),
    gettext_noop("the first value of '%(op)s' is above the second."),
    gettext_noop("'%(op)s' does not fit '%(name)s', which is of type %(type)s."),
    gettext_noop("Unknown field '%(name)s'. Known: %(known)s."),
    gettext_noop("Location %(id)s does not exist or is not active."),
    gettext_noop("A selector may stand once."),
    gettext_noop("'%(name)s' cannot order sources. Known here: %(known)s."),
    gettext_noop("A static condition takes values, not a query."),
    gettext_noop("A dynamic condition takes a query, not values."),
    gettext_noop("No product has the SKU %(sku)s."),
    gettext_noop("No channel has the id or name %(name)s."),
    gettext_noop("There is no order with the id or number %(number)s."),
    gettext_noop("Order %(number)s has no living line."),
    gettext_noop("There is no %(level)s %(name)s there."),
    gettext_noop("An engine with this name exists."),
    gettext_noop("auth.password: Give the password."),
    gettext_noop("auth.password: Give it again when an address changes."),
    gettext_noop("%(field)s: Must be a text of 1 to %(most)s characters."),
    gettext_noop(
        "This engine is part of the system: its name and configuration stay, and it can't be deleted."
    ),
    gettext_noop("This import is over; nothing is left to cancel or resume."),
    gettext_noop("Line %(line)s is not UTF-8."),
    gettext_noop("The file holds zero bytes; it is no CSV file."),
    gettext_noop("The file is empty; the first line names the columns."),
    gettext_noop("Column %(name)s is missing."),
    gettext_noop("A column is named twice."),
    gettext_noop("Not CSV: %(problem)s."),
    gettext_noop("Must be a number."),
    gettext_noop("Unknown field."),
    gettext_noop("This step is already running."),
    gettext_noop("OMNITRON_CLIENT_SETTINGS must be set before a setup step can run."),
    gettext_noop("The system upstream did not answer as it should."),
    gettext_noop("The invoice could not be had: %(reason)s."),
    gettext_noop("The invoice is being asked for by another call. Try again in a moment."),
    gettext_noop("The invoice was not asked for. Try again."),
    gettext_noop("This field is required."),
    gettext_noop("This field may not be null."),
)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", template)
    text = "".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile(text, re.S)


PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (_pattern(one), one)
    for one in (*SENTENCES, *floor_words.SENTENCES, *handover_words.SENTENCES, *room_words.SENTENCES)
)
