"""Reports as one self-contained HTML file; needs ``trx-workers[report]``."""
