"""Routing to a budget, for TaskRouterX."""
