"""Columns of the parcel list as a file, named after the keys of the JSON list."""

from ambar.kit.rest.exports import Columns

SHIPMENTS: Columns = {
    "id": "id",
    "state": "state.enum_value",
    "state_name": "state.name",
    "packages": lambda row: ", ".join(package["number"] for package in row["packages"]),
    "transfers": lambda row: ", ".join(transfer["number"] for transfer in row["transfers"]),
    "cargo_company": "cargo_company",
    "awb_number": "awb_number",
    "query_number": "query_number",
    "tracking_numbers": lambda row: ", ".join(map(str, row["tracking_numbers"])),
    "tracking_url": "tracking_url",
    "carrier_talk": "carrier_talk.state",
    "problem": "carrier_talk.problem",
    "shipped_date": "shipped_date",
    "delivered_date": "delivered_date",
    "created_date": "created_date",
    "modified_date": "modified_date",
}
