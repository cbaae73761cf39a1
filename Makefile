# Everything happens in ./.venv; no root rights, nothing outside this folder but pip's cache.
# GNU make. The first run installs; later runs only when pyproject.toml has changed.

DATASET ?= phantom
ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# The first Python that is new enough and able to make a virtual environment.
FIND_PYTHON = for python in $(PYTHON) python3.11 python3.12 python3.13 python3 python3.14 python; do \
    "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
        2>/dev/null && break; python=; done; \
    if [ -z "$$python" ]; then \
        echo "spinegate needs Python 3.11 or newer with its venv module" \
             "(Debian, Ubuntu: apt install python3-venv); set PYTHON=path if it is elsewhere" >&2; \
        exit 2; fi

.DEFAULT_GOAL := help
.PHONY: help validate test fuzz docs lint format lock wheel bench bench-curation bench-peers clean
.DELETE_ON_ERROR:

help:
	@echo "make validate [DATASET=path] [ARGS=...]  check a dataset (default: the phantom)"
	@echo "make test [ARGS=...]                     install what the tests need, run them all"
	@echo "make fuzz                                property tests on new random examples"
	@echo "make lint                                ruff, mypy, import-linter"
	@echo "make format                              ruff format and safe fixes"
	@echo "make lock                                lock what the GitHub actions install"
	@echo "make docs                                build the documentation in ./site"
	@echo "make wheel                               build the wheel and the sdist in ./dist"
	@echo "make bench [DATASET=path]                speed against the floor and installed peers"
	@echo "make bench-curation                      time and memory of curation's steps"
	@echo "make bench-peers                         install the peers that bench compares with"
	@echo "make clean                               remove what these targets have made"

.venv/bin/python:
	@$(FIND_PYTHON); echo "$$("$$python" --version) in .venv"; "$$python" -m venv .venv

.venv/.installed: pyproject.toml | .venv/bin/python
	$(PIP) --editable .
	@touch $@

.venv/.installed-test: pyproject.toml | .venv/bin/python
	$(PIP) --editable ".[test]"
	@touch $@ .venv/.installed

phantom/dataset_description.json: $(wildcard examples/*.py examples/*.yaml) | .venv/.installed
	$(BIN)/spinegate example phantom --force

ifeq ($(DATASET),phantom)
validate: phantom/dataset_description.json
endif

validate: .venv/.installed
	$(BIN)/spinegate validate "$(DATASET)" $(ARGS)

test: .venv/.installed-test
	$(BIN)/pytest --numprocesses auto --dist loadfile $(ARGS)

fuzz: .venv/.installed-test
	SPINEGATE_FUZZ=1 $(BIN)/pytest --numprocesses auto --dist loadfile -m "not real and not slow" \
	    $$(grep -rlE "^from hypothesis|^import hypothesis" tests --include="test_*.py") $(ARGS)

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

LOCK = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
    --generate-hashes --no-annotate --custom-compile-command "make lock" --extra remote

lock: .venv/.installed-test
	$(LOCK) --output-file github_actions/requirements.txt pyproject.toml
	$(LOCK) --extra bids --constraint github_actions/requirements.txt \
	    --output-file github_actions/requirements-bids.txt pyproject.toml

docs: .venv/.installed-test
	$(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

wheel: .venv/.installed-test
	$(BIN)/python -m build --outdir dist .

bench: .venv/.installed
	$(BIN)/python -m tests.bench $(if $(filter phantom,$(DATASET)),,"$(DATASET)") $(ARGS)

bench-curation: .venv/.installed-test
	$(BIN)/python -m tests.bench.curate
	$(BIN)/python -m tests.bench.story

bench-peers: .venv-peers/.installed

.venv-peers/.installed: tests/bench/peers.txt
	@$(FIND_PYTHON); "$$python" -m venv .venv-peers && echo '*' > .venv-peers/.gitignore
	@while read -r peer; do case "$$peer" in ''|'#'*) continue;; esac; \
	    if .venv-peers/bin/python -m pip --disable-pip-version-check install --quiet "$$peer"; \
	    then echo "installed $$peer"; else echo "not installable here: $$peer" >&2; fi; \
	done < tests/bench/peers.txt
	@touch $@

clean:
	rm -rf .venv .venv-peers phantom site build dist src/*.egg-info \
	    .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
