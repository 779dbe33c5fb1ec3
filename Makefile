# The few commands of this project. They need make and Python 3.11 or newer; the first one used fetches the packages.

VENV   := .venv
PYTHON := $(VENV)/bin/python
PIP    := $(PYTHON) -m pip --quiet --disable-pip-version-check
ARGS   ?=
# Many tests wait for time to pass or for another process: more workers than a machine of two cores has. Faults, and tests
# that are `timed`, come after the others: what they promise holds on a machine that has time.
WORKERS ?= 3
# The folders that have such tests; to read all the others takes longer than to run these.
TIMED := tests/browser tests/stories
# What was compiled once is not compiled again by each of the hundred processes that tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run demo audience test faults browser check bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.dev ## make .venv with everything that developing needs

run: $(VENV)/.runtime ## start the server; several: make run NODES=2 REDIS_URL=redis://localhost
	@exec $(PYTHON) -m $(if $(NODES),server.launcher,server)

demo: $(VENV)/.runtime ## tell one session as a story; JSON=1 for programs, REDIS_URL=… for a store of your own
	@exec $(PYTHON) -m client_sim story $(ARGS)

audience: $(VENV)/.runtime ## play a whole audience; ARGS=--help lists what can be set
	@exec $(PYTHON) -m client_sim audience $(ARGS)

test: $(VENV)/.dev ## run every test, on real servers and in a real browser too; ARGS='-k lobby' for some
	@$(PYTHON) -m tests.browser.chromium
ifeq ($(strip $(ARGS)),)
	$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal -m "not faults and not timed"
	$(PYTHON) -m pytest -n 2 -m timed $(TIMED)
	$(PYTHON) -m tests.faults
else
	$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)
endif

faults: $(VENV)/.dev ## only the tests that kill, stall and cut off, with their figures; LONG=1 for the whole, JSON=1 for programs
	@exec $(PYTHON) -m tests.faults $(ARGS)

browser: $(VENV)/.dev ## only the tests in a real browser, with their figures; JSON=1 for programs
	@$(PYTHON) -m tests.browser.chromium >&2
	@exec $(PYTHON) -m tests.browser $(ARGS)

check: $(VENV)/.dev ## lint, types, and who may import whom
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest tests/test_layers.py

bench: $(VENV)/.dev ## measure
	@exec $(PYTHON) -m bench $(ARGS)

clean: ## remove .venv and what the tools left
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Installing happens once, and again when pyproject.toml changes. Running the server needs no tools, so it fetches none.
$(VENV)/.dev: pyproject.toml | $(VENV)/.created
	@echo "Installing the packages and the tools into $(VENV) …" >&2
	@$(PIP) install --editable '.[dev]'
	@touch $(VENV)/.runtime $@

$(VENV)/.runtime: pyproject.toml | $(VENV)/.created
	@echo "Installing the packages into $(VENV) …" >&2
	@$(PIP) install --editable .
	@touch $@

# The first Python that is new enough and can make environments (Debian splits that off into a package of its own).
$(VENV)/.created:
	@old=; for python in python3 python3.11 python3.12 python3.13 python3.14; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  old=$$python; \
	  $$python -c 'import ensurepip, venv' 2>/dev/null || continue; \
	  $$python -m venv $(VENV) && touch $@; exit; \
	done; \
	if [ -n "$$old" ]; then \
	  echo "$$old cannot make environments: its venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	else \
	  echo "Python 3.11 or newer is needed; none of python3, python3.11 … python3.14 is. Install one and try again." >&2; \
	fi; exit 1
