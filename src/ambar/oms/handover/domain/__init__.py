"""Pure rules of the hand-over: who owns which field, what a difference means."""
