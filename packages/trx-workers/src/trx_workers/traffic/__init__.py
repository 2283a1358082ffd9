"""Traffic that the project makes itself, from a seed."""
