"""What a hook, a replay or another try is refused with, in the reader's language. Over REST it stays English.

A test reads the sentences out of the code, so that a new one without its Turkish is found.
"""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = (
    gettext_noop("Webhook already registered"),
    gettext_noop("This field is required."),
    gettext_noop("This field may not be null."),
    gettext_noop("This field may not be blank."),
    gettext_noop("Must be a valid boolean."),
    gettext_noop("Not a valid string."),
    gettext_noop("Null characters are not allowed."),
    gettext_noop("A valid integer is required."),
    gettext_noop("Ensure this field has no more than %(most)s characters."),
    gettext_noop("Ensure this value is greater than or equal to %(least)s."),
    gettext_noop("Ensure this value is less than or equal to %(most)s."),
    gettext_noop("'max_value' must be greater than 'min_value'."),
    gettext_noop('"%(value)s" is not a valid choice.'),
    gettext_noop("Invalid data. Expected a dictionary, but got %(kind)s."),
    gettext_noop("Expected an object of header names and texts."),
    gettext_noop("At most 50 headers."),
    gettext_noop("%(name)s is not a header name."),
    gettext_noop("%(name)s is set by the sender and can't be replaced."),
    gettext_noop("The value of %(name)s must be a text."),
    gettext_noop("The value of %(name)s is too long or has control characters."),
    gettext_noop("The value of %(name)s is masked: write the value itself."),
    gettext_noop("Expected an object."),
    gettext_noop("Only auth_type basic is known."),
    gettext_noop("%(name)s must be a text; a user name has no colon."),
    gettext_noop("Expected a text of 1 to %(most)s characters."),
    gettext_noop("Expected a number above 0, at most %(most)s."),
    gettext_noop("%(path)s is not known. Known: %(known)s."),
    gettext_noop("Expected an id or a list of ids."),
    gettext_noop(
        "Only its owner may send this hook to another address with what is stored of it (%(names)s): give that anew."
    ),
    gettext_noop("Events of this type carry no %(name)s: so narrowed, the hook would never fire."),
    gettext_noop(
        "%(most)s secrets were replaced within 24 hours and sign still; there is room for another from %(when)s on."
    ),
    gettext_noop("This address may not be connected to: %(reason)s."),
    gettext_noop("Event already delivered"),
    gettext_noop("Event is still in retry process"),
    gettext_noop("The replay is done."),
    gettext_noop("The event is not set aside."),
    gettext_noop("Not found."),
    gettext_noop("There is no active hook of this id."),
    gettext_noop("Expected a JSON object."),
    gettext_noop("Unknown field."),
    gettext_noop("An object_id needs the content_type, e.g. package."),
    gettext_noop("Name at least one of %(names)s."),
    gettext_noop("Must be a UUID."),
    gettext_noop("Not an HTTP status."),
    gettext_noop("Expected an ISO 8601 date and time."),
    gettext_noop("%(value)s is none of %(known)s."),
)
ADDRESSES = (
    gettext_noop("not a URL of reasonable length"),
    gettext_noop("the URL holds blanks, control characters or backslashes"),
    gettext_noop("not a URL"),
    gettext_noop("only http and https are spoken"),
    gettext_noop("credentials do not belong into a URL"),
    gettext_noop("the URL names no host"),
    gettext_noop("port 0 can't be connected to"),
    gettext_noop("%(host)s can't be resolved in time"),
    gettext_noop("%(host)s can't be resolved"),
    gettext_noop("%(host)s has no address"),
    gettext_noop("%(host)s is %(kind)s"),
)
"""Why an address may not be connected to."""


def words(message: str) -> str:
    """A sentence of a refusal; one that is not known here stays as it came."""
    for pattern, template in _PATTERNS:
        found = pattern.fullmatch(message)
        if found is not None:
            told = found.groupdict()
            if "reason" in told:
                told["reason"] = words(told["reason"])
            return str(_(template) % told) if told else str(_(template))
    return message


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", template)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts)), re.S
    )


_PATTERNS = tuple((_pattern(one), one) for one in (*SENTENCES, *ADDRESSES))
