"""Times as people say them: "12 min ago", with the exact time on hover."""

from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ambar.kit import clock

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def spoken(moment: datetime, *, now: datetime) -> str:
    """Distance from `now` in words; a date when it is more than 30 days away."""
    seconds = int((now - moment).total_seconds())
    if seconds < -45:
        return _("in %(span)s") % {"span": _span(-seconds)} if -seconds < 30 * DAY else _date(moment)
    if seconds < 45:
        return _("just now")
    if seconds < 30 * DAY:
        return _("%(span)s ago") % {"span": _span(seconds)}
    return _date(moment)


def _span(seconds: int) -> str:
    if seconds < HOUR:
        count = max(1, seconds // MINUTE)
        return ngettext("%(count)d min", "%(count)d min", count) % {"count": count}
    if seconds < DAY:
        count = seconds // HOUR
        return ngettext("%(count)d h", "%(count)d h", count) % {"count": count}
    count = seconds // DAY
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _date(moment: datetime) -> str:
    return formats.date_format(_local(moment), "j M Y")


def _local(moment: datetime) -> datetime:
    """In the reader's zone; as it is where the calendar ends before it gets there (31 December 9999 in the east)."""
    try:
        return timezone.localtime(moment)
    except OverflowError:
        return moment


def exact(moment: datetime) -> str:
    """The moment in the reader's zone, to the second, with the zone's name."""
    local = _local(moment)
    return f"{formats.date_format(local, 'j M Y')} {local:%H:%M:%S} {local.tzname() or ''}".strip()


def draw(moment: datetime | None, *, now: datetime | None = None) -> SafeString:
    """`<time>` with words inside and the exact time on hover; a dash when there is none."""
    if moment is None:
        return format_html('<span class="quiet">{}</span>', "–")
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    words = spoken(moment, now=now or clock.now())
    stamp = moment.astimezone(tz=None) if moment.tzinfo is None else moment
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>', stamp.isoformat(), exact(moment), words
    )


def start_of_day(*, now: datetime) -> datetime:
    """Midnight of the reader's day, aware."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def days_before(moment: datetime, days: int) -> datetime:
    """`moment` moved `days` back."""
    return moment - timedelta(days=days)
