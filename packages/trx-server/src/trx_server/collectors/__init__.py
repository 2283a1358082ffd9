"""Metric collectors that this package offers."""
