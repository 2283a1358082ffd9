"""The name of a host is what its certificate is checked for, whatever address was connected to."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
import trustme
from endpoint import Received, Reply, serving

from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.http.worker import HttpWorker

POOL = WorkerPool.model_validate(
    {
        "name": "p",
        "region": "eu",
        "resource_type": "cpu",
        "cost_per_unit": 1.0,
        "capacity": 1,
        "worker": {"kind": "http"},
    }
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> trustme.CA:
    return trustme.CA()


async def ok(request: Received) -> Reply:
    return Reply()


async def run(authority: trustme.CA, folder: Path, named: str, trusted: bool) -> Outcome:
    """One attempt at https://localhost, whose certificate is for ``named``."""
    certificate, root = folder / "server.pem", folder / "root.pem"
    authority.issue_cert(named).private_key_and_cert_chain_pem.write_to_path(certificate)
    authority.cert_pem.write_to_path(root)
    with serving(ok, ssl_certfile=certificate) as endpoint:
        worker = HttpWorker(
            url=f"https://localhost:{endpoint.port}/work",
            allow_private=True,
            ca_file=str(root) if trusted else None,
        )
        outcome = await worker.execute(Task(uuid4(), "job"), POOL)
        await worker.aclose()
        assert len(endpoint.received) == int(outcome.success)
    return outcome


async def test_a_certificate_of_a_trusted_authority_for_the_name_is_accepted(
    authority: trustme.CA, tmp_path: Path
) -> None:
    assert (await run(authority, tmp_path, "localhost", True)).success


@pytest.mark.parametrize(
    ("named", "trusted"), [("localhost", False), ("127.0.0.1", True), ("shop.example", True)]
)
async def test_any_other_certificate_is_refused(
    authority: trustme.CA, tmp_path: Path, named: str, trusted: bool
) -> None:
    outcome = await run(authority, tmp_path, named, trusted)
    assert outcome.error is ErrorKind.TRANSIENT
    assert outcome.detail is not None and "certificate verify failed" in outcome.detail
