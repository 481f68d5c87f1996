"""Leave a former Seller Center: switch off what leads there and what it pushes here, or decide to keep it (decision 101)."""

from __future__ import annotations

from ambar.kit.outbox.actions.save_hook import switch_off
from ambar.kit.outbox.models import Hook
from ambar.oms.doctor.actions.checks import former_seller_center as former
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, already, done, failed, needs
from ambar.oms.doctor.models import FormerSellerCenter
from ambar.oms.doctor.visit import Visit
from ambar.oms.setup.integration_plan import APPLICATION

OFF, KEEP = "off", "keep"


def leave_former(visit: Visit, finding: Finding, given: Given) -> Mended:
    """What the person says: `off` or `keep`. Nothing is done before it is said; hooks are switched off, never deleted."""
    choice = given.get("former_hooks").strip().lower()
    if not choice:
        return needs(*former.NEEDS)
    root = str(finding.figures["root"])
    if choice == KEEP:
        FormerSellerCenter.objects.update_or_create(
            root=root, defaults={"outcome": FormerSellerCenter.DISMISSED, "at": visit.now}
        )
        return done(f"{root} is left as it is", f"{root} olduğu gibi bırakıldı")
    if choice != OFF:
        return failed("former_hooks is off or keep", "former_hooks off ya da keep olur")
    hooks = former.former(visit).get(root, [])
    on = [hook for hook in hooks if hook.is_active]
    for hook in on:
        switch_off(hook.pk, now=visit.now)
    return _there(visit, root, hooks, len(on))


def _there(visit: Visit, root: str, hooks: list[Hook], here: int) -> Mended:
    """Its own hooks, switched off over there; what was done here stands whatever comes of it."""
    answer = former.ask(visit, root, hooks)
    pushing = former.pushing_here(visit, answer)
    en, tr = f"package hooks switched off here: {here}", f"burada {here} paket webhook'u kapatıldı"
    if pushing is None:
        why, neden = former.unreadable(answer)
        said = (
            f"{en}; {former.origin(root)} can't be asked what it pushes here: {why}",
            f"{tr}; {former.origin(root)} sistemine buraya ne ittiği sorulamıyor: {neden}",
        )
        return done(*said) if here else failed(*said)
    url = f"{root.removesuffix(f'/{APPLICATION}')}/whisperer/hooks/"
    token = former.token_for(hooks)
    for row in pushing:
        changed = visit.probe.ask("PATCH", f"{url}{row.get('id')}/", token, body={"is_active": False})
        if not changed.good:
            why, neden = former.unreadable(changed)
            return failed(
                f"{en}; hook {row.get('id')} at {former.origin(root)} stays on: {why}",
                f"{tr}; {former.origin(root)} üzerindeki {row.get('id')} numaralı webhook açık kaldı: {neden}",
            )
    if not here and not pushing:
        return already("no hook is on", "açık webhook yok")
    return done(f"{en}, there: {len(pushing)}", f"{tr}, orada {len(pushing)}")
