# Every target is one line that a person could type. A second run sets nothing up again.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help setup class grade test prove learn check bench docs site lock
help:  ## Say what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMP)  ## Make .venv and install what is pinned (nothing to do when it is there)

$(STAMP): requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) sh tools/setup.sh
	@touch $@

class: $(STAMP)-class  ## Install what a class of thousands needs as well: a cluster, PostgreSQL

$(STAMP)-class $(STAMP)-site $(STAMP)-test: $(STAMP)-%: requirements-%.lock pyproject.toml
	@PYTHON=$(PYTHON) sh tools/setup.sh $*
	@touch $(STAMP) $@

grade: $(STAMP)  ## Grade three sample submissions of the first unit with nbgrader and print the table
	@$(BIN)/course grade f01-shrink-ensemble --samples

test: $(STAMP)-test  ## Run the tests
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

prove: $(STAMP)-test  ## Prove all units again, changed or not, say how long that takes, and keep a record of it
	@$(BIN)/python tests/proved.py

learn: $(STAMP)  ## Open JupyterLab on your own copies of the released units, in my-work/
	@$(BIN)/course start && JUPYTER_CONFIG_PATH=$(CURDIR)/tools/jupyter $(BIN)/jupyter lab --ServerApp.root_dir=my-work --LabApp.default_url=/lab/tree/START-HERE.md $$(test "$$(id -u)" != 0 || echo --allow-root)

check: $(STAMP)-test  ## Check the style of the code
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

bench: $(STAMP)  ## List the benchmarks; run one with: .venv/bin/course bench NAME
	@$(BIN)/course bench list

docs: $(STAMP)  ## Make the pictures and tables of README and handbook from recorded measurements
	@$(BIN)/python tools/docs.py
	@$(BIN)/python -m course.benchmarks.latency

site: $(STAMP)-site  ## Build the site into build/site, offline, from handbook/ and from the units
	@PYTHONPATH=tools $(BIN)/python -m pages

lock:  ## Make the four requirements*.lock from requirements*.txt
	@for name in requirements requirements-class requirements-site requirements-test; do \
	    $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header $$name.txt -o $$name.lock; done
