"""Scenarios against the running service: their tasks at their times, and what they do to pools."""

from trx_server.simulation.request import SimulationRequest, Traffic, build_traffic
from trx_server.simulation.run import Simulations

__all__ = ["SimulationRequest", "Simulations", "Traffic", "build_traffic"]
