"""``python -m trx_core.cli`` is ``trx``."""

from trx_core.cli.main import main

main()
