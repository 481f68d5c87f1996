"""State rows, transitions as data, the transition log; commands are declared to this room."""
