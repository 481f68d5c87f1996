"""Distance between two positions on the earth."""

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance in kilometres between two positions in degrees (haversine)."""
    north = radians(other_latitude - latitude)
    east = radians(other_longitude - longitude)
    half = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(other_latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))
