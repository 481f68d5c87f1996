"""Sentences that the floor's rooms refuse with, listed so that screens can say them in Turkish."""

from django.utils.translation import gettext_noop

SENTENCES = (
    gettext_noop("A carrier with this code exists."),
    gettext_noop("Give it again when the address changes."),
    gettext_noop("Parcels or sender addresses name this carrier; switch it off instead (`is_active`)."),
    gettext_noop("No such location."),
    gettext_noop("No such carrier."),
    gettext_noop("This location has an address for the carrier."),
    gettext_noop("The carrier of this parcel has answered, or no connected carrier takes it."),
    gettext_noop("The carrier of this parcel has nothing more to tell, or no connected carrier takes it."),
    gettext_noop("No connected carrier knows this parcel."),
    gettext_noop("The carrier did not do it: %(reason)s."),
    gettext_noop("%(name)s has no address line."),
    gettext_noop("A cancellation reason with this value exists already."),
    gettext_noop("A denial reason with this title exists already."),
    gettext_noop(
        "Every installation has this transition, and the next migration would bring it back: switch it off with is_active."
    ),
    gettext_noop("A transition with this value exists already."),
    gettext_noop("Must be a text of 1 to %(most)s characters."),
    gettext_noop("Must be whole seconds from 1 to %(most)s."),
    gettext_noop("Give it again."),
    gettext_noop("Nothing of %(number)s waits to be cancelled."),
    gettext_noop("This address may not be connected to: %(reason)s."),
    gettext_noop("Waiting for the location."),
    gettext_noop("Waiting for the goods to come back."),
    gettext_noop("Confirmed by the location."),
    gettext_noop("Withdrawn upstream."),
    gettext_noop("%(units)s of the units can't be cancelled any more (%(states)s)."),
    gettext_noop("%(units)s of the units can't be cancelled any more."),
)
