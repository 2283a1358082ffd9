"""Stdout put aside, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent


def run(body: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", dedent(body)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_the_report_alone_is_on_stdout_and_later_everything_is() -> None:
    body = """
        import os
        from trx_core.stdout import own_stdout, stdout_aside
        print("before")
        with stdout_aside():
            print("report", file=own_stdout())
            print("chatter")
            os.write(1, b"more\\n")
        print("after")
        os.write(own_stdout().fileno(), b"")
    """
    assert run(body) == (0, "before\nreport\nafter\n", "chatter\nmore\n")


def test_threads_that_put_it_aside_at_once_put_it_back_once() -> None:
    body = """
        from threading import Barrier, Thread
        from trx_core.stdout import stdout_aside
        first_in, second_in, first_out = Barrier(2), Barrier(2), Barrier(2)

        def first():
            with stdout_aside():
                first_in.wait()
                second_in.wait()
            first_out.wait()

        def second():
            first_in.wait()
            with stdout_aside():
                second_in.wait()
                first_out.wait()
                print("chatter")
            print("after")

        threads = [Thread(target=first), Thread(target=second)]
        for one in threads: one.start()
        for one in threads: one.join()
    """
    assert run(body) == (0, "after\n", "chatter\n")


def test_it_is_put_back_after_an_exception_and_whatever_a_plugin_put_there() -> None:
    body = """
        import sys, os
        from trx_core.stdout import stdout_aside
        try:
            with stdout_aside():
                sys.stdout = None
                os.close(1)
                raise LookupError
        except LookupError:
            print("after", flush=True)
            os.write(1, b"and by number\\n")
    """
    assert run(body) == (0, "after\nand by number\n", "")
