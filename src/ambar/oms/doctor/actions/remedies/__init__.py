"""What mends a finding, one act per file. Each may be repeated: what is right already is left alone."""

from __future__ import annotations

from collections.abc import Callable

from ambar.oms.doctor.actions.remedies.align_endpoint import align_endpoint
from ambar.oms.doctor.actions.remedies.copy_places import copy_places
from ambar.oms.doctor.actions.remedies.correct_omnitron import correct_omnitron
from ambar.oms.doctor.actions.remedies.correct_oms_url import correct_oms_url
from ambar.oms.doctor.actions.remedies.give_secret import give_secret
from ambar.oms.doctor.actions.remedies.leave_former import leave_former
from ambar.oms.doctor.actions.remedies.make_channel import make_channel
from ambar.oms.doctor.actions.remedies.manage_seller import manage_seller
from ambar.oms.doctor.actions.remedies.map_carriers import map_carriers
from ambar.oms.doctor.actions.remedies.put_package_hook import put_package_hook
from ambar.oms.doctor.actions.remedies.restore_status_rows import restore_status_rows
from ambar.oms.doctor.actions.remedies.restore_transitions import restore_transitions
from ambar.oms.doctor.actions.remedies.start_scenario import start_scenario
from ambar.oms.doctor.actions.remedies.switch_off_hook import switch_off_hook
from ambar.oms.doctor.actions.remedies.switch_off_transition import switch_off_transition
from ambar.oms.doctor.actions.remedies.switch_off_twins import switch_off_twins
from ambar.oms.doctor.actions.remedies.take_supplier import take_supplier
from ambar.oms.doctor.actions.remedies.write_settings import write_settings
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended
from ambar.oms.doctor.visit import Visit

Remedy = Callable[[Visit, Finding, Given], Mended]

REMEDIES: dict[str, Remedy] = {
    act.__name__: act
    for act in (
        align_endpoint,
        copy_places,
        correct_omnitron,
        correct_oms_url,
        give_secret,
        leave_former,
        make_channel,
        manage_seller,
        map_carriers,
        put_package_hook,
        restore_status_rows,
        restore_transitions,
        start_scenario,
        switch_off_hook,
        switch_off_transition,
        switch_off_twins,
        take_supplier,
        write_settings,
    )
}
"""By the name a finding carries as its `remedy`."""

GIVEN = (
    "oms_url",
    "omnitron_url",
    "omnitron_username",
    "omnitron_password",
    "seller_center_url",
    "seller_center_token",
    "seller_center_admin_token",
    "supplier_code",
    "hook_secret",
    "former_hooks",
)
"""Everything a person may be asked for."""
