"""What a location change must satisfy."""
