# What a person does with Wetread, one word each. `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test test-all lint types bench fuzz screenshots installer conformance clean environment

VENV := .venv
PY := $(VENV)/bin/python
PACKAGING := resources/packaging
LOCKED := pyproject.toml constraints.txt $(PACKAGING)/environment.sh

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: $(VENV)/ready-to-run ## install what is missing and open the sample study, or ARGS="path ..."
	@$(PY) $(PACKAGING)/system_libraries.py
	@$(PY) -m gui.app $(or $(ARGS),--sample)

# In two processes beside each other: the window's tests take twice their time behind those that load torch and training.
# Each with one thread for arithmetic: with two, threads of one wait, at full load, for a core that the other has.
test: environment ## run the tests (ARGS goes to pytest)
ifdef ARGS
	@$(PY) -m pytest $(ARGS)
else
	@export OMP_NUM_THREADS=1; failed=0; log=$$(mktemp); trap 'kill $$core 2>/dev/null; rm -f $$log' EXIT; \
	echo "The tests of core run beside those of the window; what they say comes last."; \
	$(PY) -m pytest tests/core $(wildcard tests/test_*.py) >$$log 2>&1 & core=$$!; \
	$(PY) -m pytest tests/gui tests/window || failed=1; \
	wait $$core || failed=1; cat $$log; exit $$failed
endif

test-all: environment ## run the slow tests as well, and look for new examples
	@$(PY) -m pytest -m "" --hypothesis-profile=exploring $(ARGS)

lint: environment ## check the code's style
	@$(PY) -m ruff check .

types: environment ## check the types
	@$(PY) -m mypy

bench: environment ## measure: a table and out/bench.json (ONLY=name measures a part)
	@$(PY) -m tests.bench.harness $(ONLY)

fuzz: environment ## open mutated files for a while (ARGS="--seconds 600", ARGS=folder for more seeds)
	@$(PY) -m tests.fuzz.run $(ARGS)

screenshots: environment ## draw the pictures of README.md
	@$(PY) -m gui.app --sample --out out
	@cp out/wetread.png resources/docs/wetread.png

conformance: environment ## compare with reference renderings: DATA=folder with ORACLE.tsv
	@test -n "$(DATA)" || { echo "make conformance DATA=folder (the one with ORACLE.tsv)" >&2; exit 2; }
	@$(PY) -m core.cli.main conformance "$(DATA)"

installer: environment $(VENV)-package/ready-to-run ## build the program for Linux into dist/ and test it
	@$(PY) $(PACKAGING)/system_libraries.py --package
	@$(VENV)-package/bin/python $(PACKAGING)/build.py
	@$(PY) -m pytest -m "" tests/test_installer.py

clean: ## remove what was built (the environments too)
	rm -rf build dist out $(VENV) $(VENV)-package *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find core gui tests -name __pycache__ -type d -prune -exec rm -rf {} +

environment: $(VENV)/ready-to-test
	@$(PY) $(PACKAGING)/system_libraries.py

# A ready-to-... file is younger than what it was made from: then nothing is installed again.
$(VENV)/ready-to-run: $(LOCKED)
	@sh $(PACKAGING)/environment.sh $(VENV)
	@touch $@

$(VENV)/ready-to-test: $(LOCKED)
	@sh $(PACKAGING)/environment.sh $(VENV) test,train,export
	@touch $@ $(VENV)/ready-to-run

$(VENV)-package/ready-to-run: $(LOCKED)
	@sh $(PACKAGING)/environment.sh $(VENV)-package package
	@touch $@
