"""The reference service of TaskRouterX."""
