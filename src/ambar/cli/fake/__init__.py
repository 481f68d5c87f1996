"""Services of the outside world, made up: for demonstrations, and for tests that need somebody to misbehave."""
