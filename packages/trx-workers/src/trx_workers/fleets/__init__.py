"""Fleets out of lists of real machines, and of what was measured on them."""
