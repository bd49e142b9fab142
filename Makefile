# What a person types: run, test, lint, clean. Needs Python 3.11 or newer, pip and make; nothing else.
# Everything that is installed goes to .venv; stamps in there say what has been done already.

VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/sh
# Part of the tests: make test PYTEST_ARGS="tests/house -x".
PYTEST_ARGS ?=
INTERPRETERS := $(strip $(PYTHON) python3 python3.13 python3.12 python3.11)

# Prints the first interpreter that is new enough. PYTHON=… on the command line goes first.
FIND_PYTHON = for candidate in $(INTERPRETERS); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        command -v "$$candidate"; exit 0; \
	    fi; \
	done; \
	echo "petitions needs Python 3.11 or newer; tried: $(INTERPRETERS)" >&2; \
	exit 1

# pip of the environment, or, where Python came without ensurepip, the machine's pip aimed at the environment.
INSTALL = if $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	    set -- $(BIN)/python -m pip; \
	else \
	    python=$$($(FIND_PYTHON)) || exit 1; \
	    set -- "$$python" -m pip --python $(BIN)/python; \
	fi; \
	"$$@" --disable-pip-version-check install --quiet --constraint constraints.txt

# What other tests rely on is typed; the tests themselves may be.
TYPED_TESTS := tests/conftest.py tests/pages.py tests/settings.py tests/servers tests/setup tests/house

.PHONY: help install run test coverage lint docs bench clean

help:
	@echo "make run    start the demonstration (PORT=8000 unless set; Ctrl-C stops it)"
	@echo "make install  install the program into .venv, and nothing else"
	@echo "make test   install what the tests need, then run lint and all tests"
	@echo "make coverage  all tests again, with a report of what they reach"
	@echo "make lint   ruff and mypy"
	@echo "make docs   hold the documents against the tree: links, dependencies, commands that they name"
	@echo "make bench  a minute of signing and confirming beside an empty route; the others: benchmarks/README.md"
	@echo "make clean  remove what was installed or built here (never instance/, where data lives)"

install: $(VENV)/.installed

# exec, so that signals reach the program and not a shell in front of it.
run: $(VENV)/.installed
	@exec $(BIN)/petitions demo

# Lint and tests both run, whatever the other finds: one run tells everything. pytest's closing line comes last.
# worksteal: each worker keeps to one half of the files, so that what a file starts for its tests is started once.
test: $(VENV)/.installed-test
	@$(BIN)/python tests/setup/provide_tools.py
	@lint=0; $(MAKE) --no-print-directory lint || lint=$$?; \
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS) || exit $$?; \
	if [ $$lint -ne 0 ]; then echo "The tests passed; lint did not (see above)." >&2; exit $$lint; fi

# Which lines and branches the tests reach, and whether that is enough. Apart from test: watching every line,
# in the servers that tests start as well, takes more than half as long again.
coverage: $(VENV)/.installed-test
	@$(BIN)/python tests/setup/provide_tools.py
	@$(BIN)/python -m pytest -n 2 --dist worksteal --cov=petitions

lint: $(VENV)/.installed-test
	@faults=0; \
	$(BIN)/ruff check --quiet . || faults=1; \
	$(BIN)/mypy --strict --no-error-summary petitions || faults=1; \
	$(BIN)/mypy --strict --no-error-summary --follow-imports=silent $(TYPED_TESTS) || faults=1; \
	exit $$faults

docs: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -q -n0 tests/house/test_documents.py tests/deploying/test_pages.py

bench: $(VENV)/.installed-test
	@$(BIN)/python benchmarks/signing.py --sizes 1000 --database sqlite --runs 2

clean:
	rm -rf $(VENV) .test-tools build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov
	rm -f .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Where the environment is missing, or links to an interpreter that an upgrade has taken away, it is
# made anew, and what the stamps say of the old one is worth nothing.
ifneq ($(shell test -x $(BIN)/python || echo missing),)
$(VENV)/.installed $(VENV)/.installed-test: missing
.PHONY: missing
endif

# Debian without python3-venv has no ensurepip: then the environment is made without pip (see INSTALL).
$(BIN)/python:
	@python=$$($(FIND_PYTHON)) || exit 1; \
	"$$python" -m venv --clear $(VENV) >$(VENV).log 2>&1 \
	|| "$$python" -m venv --clear --without-pip $(VENV) >>$(VENV).log 2>&1 \
	|| { cat $(VENV).log >&2; rm -rf $(VENV) $(VENV).log; exit 1; }; \
	rm -f $(VENV).log

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing petitions into $(VENV) (once; about a minute)" >&2
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-test: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing petitions and what its tests need into $(VENV) (once; a minute or two)" >&2
	@$(INSTALL) --editable '.[test]'
	@touch $(VENV)/.installed $@
