"""The room that sends parcel events."""
