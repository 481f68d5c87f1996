"""Stock locations, their properties and their packaging quota."""
