"""The engine's SQL: a handful of statements on sets, each one short transaction of its own.

All times are the database's, so that workers on machines with different clocks agree on leases.
"""

from __future__ import annotations

HOOKS = """
select h.id, h.target_url, h.event_type, h.secret_sealed,
       case when h.previous_secret_until > statement_timestamp() then h.previous_secret_sealed end,
       h.retry_countdown_config, h.additional_headers, h.config, h.modified_at,
       array(select one.secret ->> 'sealed' from jsonb_array_elements(h.earlier_secrets) with ordinality as one(secret, place)
             where (one.secret ->> 'until')::timestamptz > statement_timestamp() order by one.place)
from outbox_hook h where h.is_active
"""

# `early`: a probe of an ill endpoint need not wait for the next try of a delivery. `rate`: posts a second of all processes
# together, 0 = no cap: a claim takes places in the endpoint's row and answers when the last of them is, in seconds from the
# end of the statement. `more`: an endpoint had as many due rows as were asked for, so that it may have more. Beside a long transaction
# the partial indexes hold all that was delivered since: the scan of what is due has both its ends in the index, for leases end ahead of
# now, and rows are locked by their key: `state::int` is nothing the planner could take the index of lanes for, whole.
# `changed`: a hook is not the one that was loaded (`known`). Of it nothing is claimed: it would be sent to the old address, or under the
# old token, and what is refused waits for its next try.
_CLAIM = """
with turns as materialized (
  select t.origin, t.next_at, t.not_before from outbox_endpointturn t
  where t.origin = any(%(capped)s::text[]) order by t.origin for update
), asked as (
  select a.hook_id, a.endpoint, a.floor, a.early, a.origin, a.rate, h.modified_at is distinct from a.known as changed,
         case when h.modified_at is distinct from a.known then 0
              when t.not_before > statement_timestamp() then 0
              when a.rate = 0 then a.budget
              else least(a.budget, ceil(a.rate * greatest(0, %(horizon)s
                     - greatest(0, extract(epoch from coalesce(t.next_at, statement_timestamp()) - statement_timestamp())))))
         end::int as budget
  from unnest(%(hooks)s::bigint[], %(endpoints)s::int[], %(budgets)s::int[], %(floors)s::timestamptz[],
              %(early)s::boolean[], %(origins)s::text[], %(rates)s::float8[], %(known)s::timestamptz[])
    as a(hook_id, endpoint, budget, floor, early, origin, rate, known)
  left join outbox_hook h on h.id = a.hook_id
  left join (select * from turns union all
             select w.origin, null, w.not_before from outbox_endpointturn w
             where w.origin <> all(%(capped)s::text[]) and w.not_before is not null) t on t.origin = a.origin
), ready as (
  select r.id, a.budget, row_number() over (partition by a.endpoint order by r.due_at, r.id) as place
  from asked a cross join lateral (
    select d.id, d.due_at from outbox_delivery d
    where d.hook_id = a.hook_id and d.state = 0 and d.due_at >= a.floor
      and d.due_at <= case when a.early then 'infinity' else statement_timestamp() end
      and (d.due_at <= statement_timestamp() or (a.early and d.leased_by is null))
    order by d.due_at, d.id limit a.budget
  ) r
), locked as materialized (
  select d.id, d.hook_id, d.kind, d.aggregate_id, d.due_at
  from outbox_delivery d
  where d.id = any (array(select id from ready where place <= budget{newer}))
    and d.state::int = 0 and (d.due_at <= statement_timestamp()
      or (d.leased_by is null and d.hook_id in (select hook_id from asked where early)))
  for update skip locked
), blocked as materialized (
  select l.id, b.state, b.due_at, b.leased_by
  from locked l cross join lateral (
    select p.state, p.due_at, p.leased_by from outbox_delivery p
    where p.hook_id = l.hook_id and p.kind = l.kind and p.aggregate_id = l.aggregate_id
      and p.state in (0, 2) and p.id < l.id and p.id not in (select id from locked)
    order by p.id limit 1
  ) b
), deferred as (
  update outbox_delivery d set
    leased_by = null,
    state = case when b.state = 2 then 2 else 0 end,
    last_error = case when b.state = 2 then 'an earlier event of this lane is parked' else d.last_error end,
    due_at = case when b.leased_by is null and b.state = 0
                  then greatest(b.due_at, statement_timestamp() + interval '50 ms')
                  else statement_timestamp() + interval '100 ms' end
  from blocked b where d.id = b.id
), leased as (
  update outbox_delivery d set
    due_at = statement_timestamp() + %(lease)s * interval '1 second', leased_by = %(worker)s
  from locked l where d.id = l.id and not exists (select from blocked b where b.id = l.id)
  returning d.id, d.hook_id, d.kind, d.aggregate_id, d.attempts, d.attempt_limit, d.event_id, l.due_at as due
), taken as (
  insert into outbox_endpointturn as t (origin, next_at)
  select a.origin, statement_timestamp() + {posts} / max(a.rate) * interval '1 second'
  from leased l join asked a on a.hook_id = l.hook_id where a.rate > 0 group by a.origin order by a.origin
  on conflict (origin) do update set
    next_at = greatest(t.next_at, statement_timestamp()) + (excluded.next_at - statement_timestamp())
  returning t.origin, t.next_at
)
select l.id, l.hook_id, l.kind, l.aggregate_id, l.attempts, l.attempt_limit,
       e.uuid, e.type, e.sequence, convert_to(e.payload, 'UTF8'), e.trace, l.due,
       greatest(0, extract(epoch from l.due - statement_timestamp()))::float8,
       extract(epoch from t.next_at - clock_timestamp())::float8, seen.changed, seen.more, seen.withheld, seen.rows
from (select count(*) as rows, (select array_agg(hook_id) from asked where budget = 0) as withheld,
             (select coalesce(bool_or(changed), false) from asked) as changed,
             exists (select from ready where place >= budget) as more from locked) seen
left join (leased l join outbox_event e on e.id = l.event_id
           left join (taken t join asked a on a.origin = t.origin) on a.hook_id = l.hook_id) on true
order by l.id
"""

CLAIM = _CLAIM.replace("{newer}", "").replace("{posts}", "count(*)")
# A hook that collapses sends the newest of what waits of a record, so its claims take all of it, however old the oldest is.
CLAIM_COLLAPSING = _CLAIM.replace(
    "{newer}",
    """
    union
    select n.id
    from (select distinct o.hook_id, o.kind, o.aggregate_id from ready r join outbox_delivery o on o.id = r.id
          where r.place <= r.budget and o.hook_id = any(%(collapsing)s::bigint[])) l
    cross join lateral (
      select p.id from outbox_delivery p
      where p.hook_id = l.hook_id and p.kind = l.kind and p.aggregate_id = l.aggregate_id and p.state in (0, 2)
        and p.state = 0 and p.leased_by is null order by p.id limit 200) n""",
).replace(
    "{posts}",
    """count(distinct case when l.hook_id = any(%(collapsing)s::bigint[])
                                                             then l.hook_id || l.kind || l.aggregate_id
                                                             else l.id::text end)""",
)

WAIT = """
with told as (
  insert into outbox_endpointturn as t (origin, not_before)
  select w.origin, statement_timestamp() + w.seconds * interval '1 second'
  from unnest(%(origins)s::text[], %(seconds)s::float8[]) as w(origin, seconds) order by w.origin
  on conflict (origin) do update set not_before = greatest(t.not_before, excluded.not_before)
  returning 1
)
select pg_notify(%(channel)s, 'hooks') from (select count(*) from told) done
"""
"""An endpoint asked to be left alone: no process claims for it before, and those that hold something of it hear at once."""

WAITS = """
select origin, extract(epoch from not_before - statement_timestamp())::float8 from outbox_endpointturn
where not_before > statement_timestamp()
"""

ACKNOWLEDGE = """
with r as (
  select * from json_to_recordset(%(rows)s::json)
    as r(id bigint, state smallint, number smallint, wait float8, known timestamptz, status int, error text,
         took_ms int, response text, at timestamptz)
), moved as (
  update outbox_delivery d set
    state = r.state,
    attempts = greatest(d.attempts, r.number),
    due_at = statement_timestamp() + case
      when r.state = 0 and (select h.modified_at from outbox_hook h where h.id = d.hook_id) <> r.known then 0
      else r.wait end * interval '1 second',
    leased_by = null,
    last_status = case when r.at is null then d.last_status else r.status end,
    last_error = case when r.at is null and r.error = '' then d.last_error else r.error end,
    delivered_at = case when r.state = 1 then r.at when r.state = 3 then statement_timestamp() end
  from r
  where d.id = r.id and d.state <> 1 and (r.state = 1 or d.leased_by = %(worker)s)
    and d.id = any(array(select id from r))
)
insert into outbox_attempt (delivery_id, number, at, status, error, took_ms, response)
select r.id, r.number, r.at, r.status, left(r.error, 200), r.took_ms, r.response from r where r.at is not null
on conflict do nothing
"""
"""The ids stand in an array too: of a recordset the planner assumes a hundred rows, and read all deliveries there are for a few.

What was refused by, or under, what a hook was before it was changed is due at once."""

HOLDERS = "select distinct leased_by from outbox_delivery where state = 0 and leased_by like %(mine)s"

RELEASE = """
update outbox_delivery set leased_by = null, due_at = least(due_at, statement_timestamp())
where state = 0 and leased_by = any(%(dead)s)
"""

RELEASE_LOST = """
update outbox_delivery set leased_by = null, due_at = least(due_at, statement_timestamp())
where state = 0 and leased_by = %(worker)s and id <> all (%(held)s::bigint[])
"""

DISABLE = """
update outbox_hook set is_active = false, disabled_reason = %(reason)s, modified_at = statement_timestamp()
where id = any(%(hooks)s) and is_active
"""

HEALTH = (
    "select origin, paused_at is not null, extract(epoch from asked_at)::float8 from outbox_endpointhealth"
)

ILL = """
insert into outbox_endpointhealth as h (origin, failing_since, failures, last_status, last_error, next_probe_at,
                                        modified_at)
select r.origin, statement_timestamp(), r.failures, r.status, left(r.error, 200),
       statement_timestamp() + r.pause * interval '1 second', statement_timestamp()
from unnest(%(origins)s::text[], %(failures)s::int[], %(statuses)s::int[], %(errors)s::text[], %(pauses)s::float8[])
  as r(origin, failures, status, error, pause)
on conflict (origin) do update set
  failures = excluded.failures, last_status = excluded.last_status, last_error = excluded.last_error,
  next_probe_at = excluded.next_probe_at, modified_at = excluded.modified_at,
  paused_at = coalesce(h.paused_at, case when h.failing_since < statement_timestamp()
                                          - %(pause_after)s * interval '1 second' then statement_timestamp() end)
returning origin, paused_at = modified_at
"""

WELL = """
with well as (delete from outbox_endpointhealth where origin = any(%(origins)s))
update outbox_delivery set due_at = statement_timestamp()
where hook_id = any(%(hooks)s::bigint[]) and state = 0 and leased_by is null and due_at > statement_timestamp()
  and (last_status in (0, 429) or last_status >= 500)
"""
"""An endpoint answers again: what waits only because it was ill is due now, in its order."""
