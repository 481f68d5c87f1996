"""`events`: send events again by event, time, record, hook or state; follow, stop and go on with replays; parked lanes; received events
that were set aside."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from ambar.kit import clock
from ambar.kit.accounts import Principal
from ambar.kit.accounts.roles import EVERYTHING
from ambar.kit.outbox import queries, registry, shapes
from ambar.kit.outbox.actions import replay_events
from ambar.kit.outbox.actions.take_again import take_again
from ambar.kit.outbox.domain.replay_fields import STATES, read_replay
from ambar.kit.outbox.models import DeliveryState, Inbox, InboxState, Replay, ReplayState
from ambar.kit.outbox.replays_store import progress
from ambar.kit.refusals import Invalid, Refusal

WAITS_SECONDS = 0.2
OPTIONS = {
    "event": "--event",
    "event_type": "--event-type",
    "webhook": "--hook",
    "content_type": "--object",
    "object_id": "--object",
    "created_date__gte": "--since",
    "created_date__lt": "--until",
    "state": "--state",
    "response_http_status": "--answer",
}
"""What a field of a replay is given by."""
OPERATOR = Principal(user_id=0, username="command line", scopes=frozenset({EVERYTHING}))


class Command(BaseCommand):
    """`replay` follows to the end, when every delivery is delivered or parked; interrupted, it stops the replay and says
    how to go on. Exit code 1 when deliveries of it were parked, 2 when the wish can't be read or found."""

    help = "Send events again, follow replays, show parked lanes; received events set aside, and take them again."

    def add_arguments(self, parser: Any) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        replay = acts.add_parser("replay", help="send deliveries again, oldest first")
        replay.add_argument("--event", help="uuid of one event")
        replay.add_argument("--event-type", help="e.g. package.status.shipped")
        replay.add_argument("--hook", type=int, help="id of a hook")
        replay.add_argument("--object", metavar="KIND:ID", help="one record, e.g. package:17")
        replay.add_argument(
            "--since", metavar="TIME", help="recorded at or after, ISO 8601 (UTC without an offset)"
        )
        replay.add_argument("--until", metavar="TIME", help="recorded before")
        replay.add_argument(
            "--state", action="append", choices=STATES, help="only in this state; may be repeated"
        )
        replay.add_argument(
            "--answer", type=int, metavar="STATUS", help="last answered with this HTTP status"
        )
        replay.add_argument("--preview", action="store_true", help="only count them")
        replay.add_argument("--json", action="store_true", help="one JSON document")
        for name, told in (("stop", "make nothing more due"), ("resume", "go on with one that was stopped")):
            turn = acts.add_parser(name, help=told)
            turn.add_argument("id", type=int)
            turn.add_argument("--json", action="store_true", help="one JSON document")
        again = acts.add_parser("take", help="apply a received event again that was set aside")
        again.add_argument("id", type=int)
        again.add_argument("--json", action="store_true", help="one JSON document")
        for name, told in (
            ("replays", "the last replays"),
            ("parked", "lanes that wait for a person"),
            ("aside", "received events that were set aside"),
        ):
            listed = acts.add_parser(name, help=told)
            listed.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(options)
        except Invalid as refusal:
            told = "; ".join(
                f"{OPTIONS.get(name, name)}: {' '.join(map(str, texts))}"
                for name, texts in refusal.fields.items()
            )
            raise CommandError(told, returncode=2) from None
        except Refusal as refusal:
            raise CommandError(refusal.message, returncode=2) from None

    def _replay(self, options: dict[str, Any]) -> None:
        kind, number = self._record(options["object"])
        named = {name: options.get(option[2:].replace("-", "_")) for name, option in OPTIONS.items()}
        named |= {"content_type": kind, "object_id": number}
        if not any(named.values()):
            raise CommandError(
                f"Name at least one of {', '.join(dict.fromkeys(OPTIONS.values()))}.", returncode=2
            )
        wanted = read_replay(named, known_type=registry.is_known, kinds=registry.known_kinds())
        if options["preview"]:
            total = replay_events.preview_replay(wanted, principal=OPERATOR)
            self.stdout.write(
                json.dumps({"total": total}) if options["json"] else f"{total} deliveries would be sent again"
            )
            return
        self._follow(replay_events.start_replay(wanted, principal=OPERATOR, now=clock.now()), options)

    def _record(self, text: str | None) -> tuple[str, str]:
        kind, _, number = (text or "").partition(":")
        if text and not (kind and number):
            raise CommandError(
                f"--object: {text!r} is no record such as {registry.known_kinds()[-1]}:17", returncode=2
            )
        return kind, number

    def _stop(self, options: dict[str, Any]) -> None:
        self._tell(replay_events.stop_replay(self._found(options["id"]).pk, now=clock.now()), options)

    def _resume(self, options: dict[str, Any]) -> None:
        self._follow(replay_events.resume_replay(self._found(options["id"]).pk, now=clock.now()), options)

    def _replays(self, options: dict[str, Any]) -> None:
        rows = shapes.replays(list(Replay.objects.order_by("-id")[:50]))
        self._list(
            rows,
            lambda row: (
                f"{row['id']}  {row['state']}  {row['done']} of {row['total']}  {json.dumps(row['wanted'])}"
            ),
            options,
            none="no replays yet",
        )

    def _parked(self, options: dict[str, Any]) -> None:
        self._list(
            queries.parked_lanes(limit=1000),
            lambda row: (
                f"{row['delivery_id']}  {row['event_type']}  {row['kind']}:{row['aggregate_id']}  {row['waiting']} waiting"
                f"  {row['last_error']}  {row['target_url']}"
            ),
            options,
            none="no lane is parked",
        )

    def _aside(self, options: dict[str, Any]) -> None:
        rows = shapes.received(
            Inbox.objects.filter(state=InboxState.PARKED).defer("payload").order_by("id")[:1000]
        )
        self._list(
            rows,
            lambda row: (
                f"{row['id']}  {row['event_type']}  {row['source']}  {row['aggregate']}  {row['reason']}"
            ),
            options,
            none="no received event is set aside",
        )

    def _list(
        self,
        rows: Sequence[dict[str, Any]],
        line: Callable[[dict[str, Any]], str],
        options: dict[str, Any],
        *,
        none: str,
    ) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(rows, cls=DjangoJSONEncoder))
        else:
            self.stdout.write("\n".join(map(line, rows)) or none)

    def _take(self, options: dict[str, Any]) -> None:
        number = options["id"]
        found = Inbox.objects.filter(pk=number).first() if abs(number) < 2**63 else None
        if found is None:
            raise CommandError(f"there is no received event {number}", returncode=2)
        (row,) = shapes.received([take_again(found)])
        told = (
            json.dumps(row, cls=DjangoJSONEncoder)
            if options["json"]
            else f"{row['event_type']} waits to be applied"
        )
        self.stdout.write(told)

    def _found(self, replay_id: int) -> Replay:
        found = Replay.objects.filter(pk=replay_id).first() if abs(replay_id) < 2**63 else None
        if found is None:
            raise CommandError(f"there is no replay {replay_id}", returncode=2)
        return found

    def _follow(self, replay: Replay, options: dict[str, Any]) -> None:
        try:
            self._until_over(replay, quietly=options["json"])
        except KeyboardInterrupt:
            raise CommandError(self._interrupted(replay), returncode=130) from None
        self._tell(replay, options)

    def _interrupted(self, replay: Replay) -> str:
        try:
            replay_events.stop_replay(replay.pk, now=clock.now())
        except Refusal:
            # It was over before the key was: what is due now goes out without us.
            return f"all of replay {replay.pk} is due; the worker delivers it (`events replays`)"
        return f"stopped; `events resume {replay.pk}` goes on where it was"

    def _until_over(self, replay: Replay, *, quietly: bool) -> None:
        told = ""
        while True:
            made_due = replay_events.run_slice(now=clock.now, replay_id=replay.pk)
            replay.refresh_from_db()
            states = progress([replay.pk])[replay.pk]
            line = f"{replay.done} of {replay.total} sent again, {states.get(DeliveryState.DELIVERED, 0)} delivered"
            if line != told and not quietly:
                self.stderr.write(line)
            told = line
            if replay.state == ReplayState.STOPPED:
                return
            if replay.state == ReplayState.DONE and not states.get(DeliveryState.PENDING, 0):
                return
            if not made_due:
                time.sleep(WAITS_SECONDS)  # the worker delivers, or is at the slice itself

    def _tell(self, replay: Replay, options: dict[str, Any]) -> None:
        (row,) = shapes.replays([replay])
        if options["json"]:
            self.stdout.write(json.dumps(row, cls=DjangoJSONEncoder))
        else:
            figures = f"{row['delivered']} delivered, {row['parked']} parked"
            if row["counted_elsewhere"]:
                figures += f", {row['counted_elsewhere']} under way before or sent again by a later replay"
            if not row["total"]:
                self.stdout.write("nothing fits: no delivery of an active hook is so")
                return
            self.stdout.write(f"{row['state']}: {row['done']} of {row['total']} sent again, {figures}")
        if row["parked"]:
            raise CommandError(f"{row['parked']} deliveries are parked", returncode=1)
