"""What stands above the screens of quarantine."""

from django.urls import reverse
from django.utils.translation import gettext as _

from ambar.kit.ui.pages import Tab


def tabs(current: str) -> list[Tab]:
    """The ways of looking at quarantine, what the rules refused, and what was learned."""
    return [
        Tab(label=_("Orders"), href=reverse("oms_console:quarantine"), current=current == "orders"),
        Tab(
            label=_("By cause"),
            href=reverse("oms_console:quarantine_causes"),
            current=current == "causes",
        ),
        Tab(
            label=_("Refused by a rule"),
            href=reverse("oms_console:refused_orders"),
            current=current == "refused",
        ),
        Tab(
            label=_("Learned names"),
            href=reverse("oms_console:learned_names"),
            current=current == "learned",
        ),
    ]
