"""From a service's history to simulators of its pools; needs ``trx-workers[fit]``."""
