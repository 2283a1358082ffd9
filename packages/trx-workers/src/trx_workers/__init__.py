"""Worker simulators, traffic, trace readers and the virtual-time lab of TaskRouterX."""
