"""The room that applies parcel events."""
