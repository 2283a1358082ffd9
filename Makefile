# Makes a virtual environment with nox in it and calls nox: noxfile.py holds every habit.
PYTHON ?= python3
# Runs a module so that Ctrl-C ends it without a word.
QUIETLY := -c 'import runpy, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); del sys.argv[0]; runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)'
# Sessions have the usual Ctrl-C back: noxfile.py sees to that.
NOX := .venv/bin/python $(QUIETLY) nox

.PHONY: help demo up test lint docs bench clean

help:
	@echo 'make demo    run the whole system on a workload and print what came of it'
	@echo '             TRACE=file.csv replays a trace, SPEED=60 compresses its time, ARGS=... adds options'
	@echo 'make up      run the whole system, with the dashboard, until Ctrl-C'
	@echo 'make test    run the tests; ARGS=... goes to pytest'
	@echo 'make lint    check style        make docs    build the site in site/'
	@echo 'make bench   measure, beside floors and peers'
	@echo 'make clean   remove everything that make has made'
	@echo 'The rest: .venv/bin/nox --list'

demo: .venv/ready
	@exec $(NOX) -s demo -- $${TRACE:+--trace "$$TRACE"} $${SPEED:+--speed "$$SPEED"} $(ARGS)

test: .venv/ready
	@exec $(NOX) -s tests -- $(ARGS)

up lint docs bench: .venv/ready
	@exec $(NOX) -s $@ -- $(ARGS)

clean:
	@test ! -e .venv/ready || $(NOX) -s clean
	@rm -rf .venv

.venv/ready: constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON). TaskRouterX needs Python 3.11 or later.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("TaskRouterX needs Python 3.11 or later, and this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'Setting up nox in .venv ...'
	@$(PYTHON) $(QUIETLY) venv --clear .venv
	@.venv/bin/python $(QUIETLY) pip install --quiet --disable-pip-version-check -c constraints.txt nox
	@touch $@
