# Everything here needs Python 3.11 or newer with its venv module, and make. `lock` alone also needs uv.

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYBABEL := $(BIN)/pybabel -q
UV_COMPILE = $(UV) pip compile --quiet --generate-hashes --no-header --universal --python-version 3.11 --group packaging
EXTRACT := $(PYBABEL) extract -F babel.cfg -k say -k say_many:1,2 -k one -k _ -c "Translators:" --add-location=file \
	--sort-by-file --project=bigconversation --copyright-holder="Big Conversation contributors" -o
CACHES := __pycache__ .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
# A test run, more arguments to it: make test ARGS="-k consent"; how many processes share it: JOBS=0 for one
ARGS ?=
JOBS ?= auto
TIMES ?= 20

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev run test test-all flakes check check-lock check-built check-catalogues bench torture lock messages wheel clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 18

# --- the environment ---------------------------------------------------------------------------------------------
# Two locks, one environment. Each stamp is newer than what it was made from, so a second call does nothing.

setup: $(VENV)/runtime.stamp ## the environment, with what a run needs

setup-dev: $(VENV)/dev.stamp ## the environment, with what tests and checks need too

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/runtime.stamp
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# --- running and testing -----------------------------------------------------------------------------------------

run: setup ## serve; PORT=8081 moves the server
	@$(if $(PORT),BIGCONVERSATION_PORT="$(PORT)") exec $(BIN)/bigconversation serve

test: setup setup-dev ## the tests, without the slow ones; what was skipped is printed
	$(BIN)/pytest -n $(JOBS) -m "not slow" $(ARGS)

test-all: setup-dev ## every test, the slow ones too
	$(BIN)/pytest -n $(JOBS) $(ARGS)

flakes: setup-dev ## the fast tests in another order each time, TIMES=20; one failure ends it
	for turn in $$(seq $(TIMES)); do echo "turn $$turn of $(TIMES)"; $(BIN)/pytest -p randomly -n $(JOBS) -m "not slow" $(ARGS) || exit 1; done

bench: setup-dev ## the benchmarks
	$(BIN)/python -m tests.benchmarks $(ARGS)

torture: setup-dev ## one part of the torture: make torture PART=kills ARGS="--database postgresql"; PART=-h lists them
	$(BIN)/python -m tests.torture $(PART) $(ARGS)

check: setup-dev check-lock check-built check-catalogues ## style, types, who may import whom, locks, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-lock:
	@if grep -nE '://|index-url|find-links' *.lock; then echo "A lock may not name where packages come from." >&2; exit 1; fi

check-built:
	@if git ls-files 2>/dev/null | grep -E '(^|/)(__pycache__|\.[a-z_]+_cache|\.hypothesis|\.venv|var|build|dist|[^/]+\.egg-info)/|\.(pyc|mo)$$'; \
		then echo "What is built is not committed." >&2; exit 1; fi

# Catalogues hold exactly the messages the code says. `make messages` brings them up to date.
check-catalogues: setup-dev
	@if ls locales/*/LC_MESSAGES/messages.po >/dev/null 2>&1; then \
		pot=$$(mktemp) && trap 'rm -f "$$pot"' EXIT && $(EXTRACT) "$$pot" . && \
		$(PYBABEL) update --check --no-fuzzy-matching --ignore-pot-creation-date -i "$$pot" -d locales \
			|| { echo "A catalogue does not hold what the code says (or see above): make messages" >&2; exit 1; }; \
	fi

# --- making things -----------------------------------------------------------------------------------------------

messages: setup-dev ## gather what is said into the catalogues; LOCALE=fr begins a new language
	$(EXTRACT) locales/messages.pot .
	$(if $(LOCALE),$(PYBABEL) init -i locales/messages.pot -d locales -l $(LOCALE))
	@if ls locales/*/LC_MESSAGES/messages.po >/dev/null 2>&1; then \
		$(PYBABEL) update --no-fuzzy-matching --ignore-pot-creation-date -i locales/messages.pot -d locales && \
		$(PYBABEL) compile -d locales; \
	fi

# The development lock is held to the runtime lock, so that tests try what a run installs.
lock: ## make the two locks again; UPGRADE=1 takes the newest releases
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@$(MAKE) --no-print-directory check-lock

wheel: setup-dev ## the wheel, in dist/
	rm -rf build dist
	$(BIN)/python -m build --wheel --no-isolation

clean: ## take away what was built; the environment and var/ stay
	rm -rf build dist *.egg-info htmlcov .coverage
	find . \( -path ./$(VENV) -o -path ./var -o -path ./.git \) -prune -o -type d \( $(foreach c,$(CACHES),-name $(c) -o) -false \) -exec rm -rf {} +
	find locales -name '*.mo' -delete
