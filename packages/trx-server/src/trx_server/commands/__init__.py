"""The sub-commands of ``trx`` that this package adds."""
