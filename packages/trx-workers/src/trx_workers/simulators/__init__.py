"""Worker simulators: what a pool's workers would do, sampled."""
