"""What happens to pools by chance or by the clock, as functions of seed, name and time."""
