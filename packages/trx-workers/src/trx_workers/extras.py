"""Packages that only some commands need."""

from __future__ import annotations

from importlib import import_module

from trx_core.errors import OperatorError

__all__ = ["require", "require_report"]


def require(package: str, what: str, *, extra: str | None = None) -> None:
    """Make sure that ``package`` can be imported before something is done that needs it.

    Args:
        package: its import name.
        what: what needs it, for people.
        extra: the extra of this distribution that brings it, if one does.

    Raises:
        OperatorError: ``TRX-O140``, it cannot be imported.
    """
    try:
        import_module(package)
    except ImportError as error:
        name = f"trx-workers[{extra}]" if extra else package.partition(".")[0]
        raise OperatorError(
            f"{what} needs the package {package!r}, which cannot be imported: {error}.",
            code="TRX-O140",
            hint=f'pip install "{name}"',
        ) from None


def require_report() -> None:
    """Make sure that a report can be made, before anything is run.

    Raises:
        OperatorError: ``TRX-O140``, a package is missing.
    """
    for package in ("matplotlib", "jinja2"):
        require(package, "a report in HTML", extra="report")
