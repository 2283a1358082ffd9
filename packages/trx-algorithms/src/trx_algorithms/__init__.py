"""Routing algorithms of TaskRouterX, each a plugin on the columnar contract."""
