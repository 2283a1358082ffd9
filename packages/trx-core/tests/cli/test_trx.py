"""``trx`` as its users meet it: a process with arguments, two streams and an exit code."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.metadata import entry_points
from textwrap import dedent

import pytest
from throwaway import Site

from trx_core import start

PLUGIN = """
    from trx_core import hookimpl
    from trx_core.specs import CommandSpec

    @hookimpl
    def trx_register_commands():
        return [
            CommandSpec(name="greet", target="acme_greet:greet", summary="Greets [someone]."),
            CommandSpec(name="many", target="acme_many:app", summary="Has sub-commands."),
            CommandSpec(name="gone", target="acme_gone:run", summary="Cannot be imported."),
            CommandSpec(name="number", target="acme_greet:NUMBER", summary="Is no command."),
            CommandSpec(name="later", target="acme_greet:later", summary="Is a coroutine."),
            CommandSpec(name="run", target="acme_run:run", summary="Runs what the test says."),
        ]
"""
GREET = """
    import sys
    print("greet imported", file=sys.stderr)
    NUMBER = 7

    def greet(name: str, *, loud: bool = False) -> None:
        \"\"\"Greet someone by name.\"\"\"
        print(f"hello {name}".upper() if loud else f"hello {name}")

    async def later() -> None:
        pass
"""
MANY = """
    import sys
    import typer
    print("many imported", file=sys.stderr)
    app = typer.Typer(help="Several things.")

    @app.command()
    def one() -> None:
        print("one ran")
"""


@pytest.fixture
def acme(site: Site) -> Site:
    site.install("acme", PLUGIN)
    site.module("acme_greet", GREET)
    site.module("acme_many", MANY)
    return site


def running(site: Site, body: str) -> Site:
    """Make ``trx run`` do what ``body`` says."""
    lines = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    site.module("acme_run", f"def run() -> None:\n{lines}\n")
    return site


def test_the_console_script_starts_main() -> None:
    assert entry_points(group="console_scripts", name="trx")["trx"].load() is start.main


def test_an_interrupt_during_the_import_is_quiet_too() -> None:
    code = dedent(
        """
        import os, signal, sys
        from trx_core.start import main

        class Interrupting:
            def find_spec(self, name, path=None, target=None):
                if name == "trx_core.cli":
                    os.kill(os.getpid(), signal.SIGINT)

        sys.meta_path.insert(0, Interrupting())
        main()
        """
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_help_lists_every_command_and_imports_none(acme: Site) -> None:
    done = acme.trx("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for shown in ("greet", "Greets [someone].", "many", "Has sub-commands.", "gone", "plugins"):
        assert shown in done.stdout


def test_a_command_gets_its_arguments_and_no_other_is_imported(acme: Site) -> None:
    done = acme.trx("greet", "ada", "--loud")
    assert (done.returncode, done.stdout, done.stderr) == (0, "HELLO ADA\n", "greet imported\n")


def test_a_commands_help_is_its_own(acme: Site) -> None:
    done = acme.trx("greet", "--help")
    assert done.returncode == 0
    assert "Greet someone by name." in done.stdout
    assert "--loud" in done.stdout


def test_a_typer_with_one_command_stays_a_group(acme: Site) -> None:
    done = acme.trx("many", "one")
    assert (done.returncode, done.stdout, done.stderr) == (0, "one ran\n", "many imported\n")
    assert "Several things." in acme.trx("many", "--help").stdout


def test_version_is_the_sdks(acme: Site) -> None:
    done = acme.trx("--version")
    assert (done.returncode, done.stdout[:4], done.stderr) == (0, "trx ", "")


def test_a_mistyped_command_is_met_with_a_suggestion(acme: Site) -> None:
    done = acme.trx("gret")
    assert done.returncode == 2
    assert "Did you mean 'greet'?" in done.stderr


def test_completion_offers_commands_and_says_nothing_else(acme: Site) -> None:
    acme.install("broken", "import no_such_module")
    words = {"_TRX_COMPLETE": "complete_bash", "COMP_WORDS": "trx g", "COMP_CWORD": "1"}
    done = acme.trx(**words)
    assert (done.stdout.split(), done.stderr) == (["greet", "gone"][::-1], "")


@pytest.mark.parametrize(
    ("error", "code"),
    [("CallerError", 2), ("PluginError", 1), ("AdapterError", 1), ("OperatorError", 1)],
)
def test_an_error_of_ours_is_one_line_and_an_exit_code_by_fault(
    acme: Site, error: str, code: int
) -> None:
    raised = f"{error}('bad\\n  day', code='TRX-Z900', hint='Wait.')"
    done = running(acme, f"from trx_core.errors import {error}\nraise {raised}").trx("run")
    assert (done.returncode, done.stderr) == (code, "TRX-Z900: bad day Wait.\n")


def test_an_unexpected_error_is_one_line_too_and_names_the_author(acme: Site) -> None:
    done = running(acme, "raise KeyError('lost')").trx("run")
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr == (
        "TRX-X900: internal error: KeyError: 'lost'. "
        "Run again with --traceback and report it to the authors of acme-router 0.3.1.\n"
    )


@pytest.mark.parametrize("args", [("--traceback", "run"), ("run", "--traceback")])
def test_traceback_may_stand_anywhere(acme: Site, args: tuple[str, ...]) -> None:
    done = running(acme, "raise KeyError('lost')").trx(*args)
    assert done.returncode == 70
    assert "acme_run.py" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("TRX-X900: ")


@pytest.mark.parametrize(("value", "shown"), [("1", True), ("0", False)])
def test_traceback_may_be_asked_for_by_variable(acme: Site, value: str, shown: bool) -> None:
    done = running(acme, "raise KeyError('lost')").trx("run", TRX_TRACEBACK=value)
    assert ("Traceback" in done.stderr) is shown


def test_behind_two_dashes_traceback_is_a_word_like_any(acme: Site) -> None:
    assert acme.trx("greet", "--", "--traceback").stdout == "hello --traceback\n"


def test_a_command_chooses_its_exit_code(acme: Site) -> None:
    assert running(acme, "raise SystemExit(5)").trx("run").returncode == 5
    done = running(acme, "raise SystemExit('enough')").trx("run")
    assert (done.returncode, done.stderr) == (1, "enough\n")


@pytest.mark.parametrize("code", [0, 5])
def test_a_thread_that_a_plugin_leaves_behind_does_not_keep_it(acme: Site, code: int) -> None:
    body = (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(3600,), name='idle').start()\n"
        f"print('done')\nraise SystemExit({code})"
    )
    done = running(acme, body).trx("run")
    assert (done.returncode, done.stdout) == (code, "done\n")
    assert done.stderr == (
        "TRX-P115: threads still ran 2 s after the command had ended, and were broken off: "
        "'idle'. A plugin makes its threads daemons, or ends them.\n"
    )


def test_a_thread_that_ends_soon_is_waited_for(acme: Site) -> None:
    body = (
        "import sys, threading, time\n"
        "def late():\n    time.sleep(0.2)\n    print('late', file=sys.stderr)\n"
        "threading.Thread(target=late).start()"
    )
    done = running(acme, body).trx("run")
    assert (done.returncode, done.stderr) == (0, "late\n")


def test_an_interrupt_ends_it_quietly(acme: Site) -> None:
    body = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(30)"
    done = running(acme, body).trx("run")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def nobody_reads(acme: Site, *args: str, unbuffered: str) -> None:
    """What waits for its stdin before it writes ends quietly, with 1."""
    with subprocess.Popen(
        [sys.executable, "-m", "trx_core.cli", *args],
        env=acme.environ([("PYTHONUNBUFFERED", unbuffered)]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_goes_away_ends_it_quietly(acme: Site, lines: int, unbuffered: str) -> None:
    running(acme, f"import sys\nsys.stdin.read()\nfor _ in range({lines}): print('row')")
    nobody_reads(acme, "run", unbuffered=unbuffered)


@pytest.mark.parametrize("args", [("greet", "ada"), ("plugins", "list", "--json")])
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_is_closed_from_the_start_is_no_error(
    acme: Site, args: tuple[str, ...], closed: str
) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "trx_core.cli", *args],
        env=acme.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert bool(done.stdout) is (closed == "2>&-")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_of_a_report_that_goes_away_ends_it_quietly(acme: Site, unbuffered: str) -> None:
    acme.install("slow", "import sys; sys.stdin.read()")
    nobody_reads(acme, "plugins", "list", "--json", unbuffered=unbuffered)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("import os\nr, w = os.pipe()\nos.close(r)\nos.write(w, b'x')", "BrokenPipeError: "),
        ("raise EOFError('the server hung up')", "EOFError: the server hung up"),
        ("raise OSError(28, 'No space left')", "OSError: [Errno 28] No space left"),
    ],
)
def test_a_stream_that_breaks_elsewhere_is_an_error(acme: Site, body: str, told: str) -> None:
    done = running(acme, body).trx("run")
    assert done.returncode == 70
    assert done.stderr.startswith(f"TRX-X900: internal error: {told}")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "args", [("greet", "ada"), ("run",), ("plugins", "list"), ("plugins", "list", "--json")]
)
def test_a_full_disk_under_stdout_is_the_operators(
    acme: Site, args: tuple[str, ...], unbuffered: str
) -> None:
    running(acme, "for _ in range(100_000): print('row')")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "trx_core.cli", *args],
            env=acme.environ([("PYTHONUNBUFFERED", unbuffered)]),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "TRX-O114: standard output could not be written to: No space left on device. "
        "Make room, or lead it elsewhere."
    )
    assert "Traceback" not in done.stderr and "TRX-X900" not in done.stderr


def test_of_a_group_of_errors_of_ours_each_is_told_once(acme: Site) -> None:
    body = """
        from trx_core.errors import AdapterError
        one, two = (AdapterError(text, code="TRX-A900") for text in ("Redis.", "PostgreSQL."))
        raise ExceptionGroup("tasks", [one, ExceptionGroup("more", [two, two])])
    """
    done = running(acme, body).trx("run")
    assert (done.returncode, done.stderr) == (1, "TRX-A900: Redis.\nTRX-A900: PostgreSQL.\n")


def test_an_interrupt_in_a_task_group_is_an_interrupt(acme: Site) -> None:
    body = "raise BaseExceptionGroup('tasks', [KeyboardInterrupt()])"
    done = running(acme, body).trx("run")
    assert (done.returncode, done.stderr) == (130, "")


def test_a_target_that_cannot_be_imported_is_blamed_on_its_distribution(acme: Site) -> None:
    done = acme.trx("gone")
    assert done.returncode == 1
    assert done.stderr.startswith("TRX-P110: 'gone' (acme-router 0.3.1) cannot be imported")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["number", "later"])
def test_a_target_that_is_no_command_is_blamed_on_its_distribution(
    acme: Site, command: str
) -> None:
    done = acme.trx(command)
    assert done.returncode == 1
    assert f"TRX-P128: command '{command}' (acme-router 0.3.1) is no command" in done.stderr


def test_broken_plugins_cost_one_line_of_warning(acme: Site) -> None:
    acme.install("broken", "import no_such_module")
    acme.install("newer", "trx_api_version = 99")
    done = acme.trx("many", "one")
    assert (done.returncode, done.stdout) == (0, "one ran\n")
    assert done.stderr.splitlines() == [
        "warning: there are problems with the plugin 'broken' (broken-router 0.3.1), "
        "'newer' (newer-router 0.3.1): see `trx plugins list`.",
        "many imported",
    ]


def test_a_variable_that_names_nothing_installed_is_warned_of(acme: Site) -> None:
    done = acme.trx("many", "one", TRX_PLUGINS_BLOCK="akme")
    assert done.returncode == 0
    assert "warning: TRX-O110: TRX_PLUGINS_BLOCK names akme" in done.stderr
