"""What libraries warn of while the service is started, and where it goes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from trx_server.service.own_log import FILE, own_log


def warn() -> None:
    try:
        raise OSError("connection\nrefused")
    except OSError:
        logging.getLogger("asyncpg.pool").warning("cannot restore\nthe pool", exc_info=True)


def test_a_warning_is_a_line_in_a_file(tmp_path: Path) -> None:
    with own_log(tmp_path / "logs"):
        warn()
    warn()
    (line,) = (tmp_path / "logs" / FILE).read_text().splitlines()
    assert line.endswith("WARNING asyncpg.pool: cannot restore the pool: connection")


def test_without_a_folder_it_is_a_line_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with own_log(None):
        warn()
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Traceback" not in said
