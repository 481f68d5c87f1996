"""Columns of the transition log as a file, named after the keys of the JSON list."""

from ambar.kit.rest.exports import Columns

LOG: Columns = {
    "id": "id",
    "content_type": "content_type",
    "object_id": "object_id",
    "old_state": "old_state.enum_value",
    "old_state_name": "old_state.name",
    "new_state": "new_state.enum_value",
    "new_state_name": "new_state.name",
    "user": "user",
    "command": lambda row: row["attributes"].get("command.slug"),
    "transition": lambda row: row["attributes"].get("transition.slug"),
    "created_date": "created_date",
}
