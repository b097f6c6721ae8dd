# One command sets up all that it needs: Python 3.11 or newer, git and make are enough.
# On Windows run it from Git Bash; without make, CONTRIBUTING.md names the two commands instead.

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
  BIN := $(VENV)/Scripts
else
  BIN := $(VENV)/bin
endif

# The environment is keyed on what it is made from, so a second run skips straight past it.
READY := $(VENV)/ready-$(subst $(subst ,, ),-,$(shell git hash-object requirements-dev.lock pyproject.toml))

SUPPORTED := import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 15) else \
  "icsgraph runs on Python 3.11 to 3.14, and $(PYTHON) is " + sys.version.split()[0] + \
  ".\nInstall one of them, or name it: make $(MAKECMDGOALS) PYTHON=python3.12")
# What reads .venv/types finds the package by its name, whatever the folder of the checkout is called.
LINK := import os, pathlib; at = pathlib.Path("$(VENV)/types/icsgraph"); \
  at.parent.mkdir(exist_ok=True); os.path.lexists(at) or ( \
  __import__("_winapi").CreateJunction(os.getcwd(), str(at)) if os.name == "nt" else at.symlink_to("../.."))
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: \
  --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
  $(UPGRADE) pyproject.toml

.PHONY: help demo viewer no-viewer test generate format lock clean

help:
	@echo "make demo      build the graph from the bundled evidence, ask three questions, draw the map"
	@echo "make viewer    build what draws the national map in a browser (needs Node.js and npm)"
	@echo "make test      every check: format, lint, types, derived files, tests, the wheel"
	@echo "make generate  write again what is derived: the ontology in its forms, pages of docs/"
	@echo "make format    format the code, and mend what the linter can"
	@echo "make lock      pin the dependencies again (newest versions: make lock UPGRADE=--upgrade)"
	@echo "make clean     remove the environment and everything that was built"

$(READY):
	@$(PYTHON) -c '$(SUPPORTED)'
	@echo "Setting up $(VENV): once, then again only when the pins change"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c '$(LINK)'
	@echo ready > $@

demo: $(READY)
	@$(BIN)/icsgraph build --sample --store demo/store
	@$(BIN)/icsgraph ask shared-innovations --store demo/store
	@$(BIN)/icsgraph ask common-barriers --store demo/store
	@$(BIN)/icsgraph ask inequalities --store demo/store
	@$(BIN)/icsgraph map systems --output demo/systems.html --store demo/store

# The bundle is keyed on its sources. Without Node.js the national map is not drawn, and its tests say so.
VIEWER := visualisations/viewer
VIEWER_FILES := $(wildcard $(VIEWER)/src/*.ts $(VIEWER)/*.json $(VIEWER)/*.mjs $(VIEWER)/.npmrc)

viewer: $(VIEWER)/dist/viewer.js

$(VIEWER)/dist/viewer.js: $(VIEWER_FILES)
	cd $(VIEWER) && npm ci --ignore-scripts --no-audit --no-fund
	cd $(VIEWER) && npm run --silent check && npm run --silent build

test: $(READY) $(if $(shell command -v npm),viewer,no-viewer)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	bash tests/browser/ensure_chromium.sh
	$(BIN)/python -m pytest

no-viewer:
	@echo "No npm here: the national map cannot be drawn, and its tests are skipped"

generate: $(READY)
	$(BIN)/python -m icsgraph.ontology.generate
	$(BIN)/python -m icsgraph.loaders.where_from
	$(BIN)/python -m icsgraph.documentation

format: $(READY)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: $(READY)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	$(PYTHON) -c 'import shutil; [shutil.rmtree(name, True) for name in ("$(VENV)", "build", "dist", "demo", "icsgraph.egg-info", "visualisations/viewer/dist", "visualisations/viewer/node_modules")]'
