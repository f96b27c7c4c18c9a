# Every target does its own set-up: Python >= 3.11 and make are enough, uv and npm are used if there.

PYTHON ?= python3
PORT ?= 8000
# How many processes run the tests; 0 runs them in this one.
WORKERS ?= auto
# How many documents `make fuzz` has written for each viewer on each database.
EXAMPLES ?= 1000
# How many steps `make fuzz` takes in random histories of orders.
STEPS ?= 500000
# More arguments for pytest: make test ARGS="-k walkthrough"
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PEERS_HOME := bench/peers
CONSOLE := web/console
UV := $(shell command -v uv 2>/dev/null)
# Vite needs Node 20.19 or newer; on a machine with an older one, the wheel's is used.
NPM := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	>/dev/null 2>&1 && command -v npm)

ifdef UV
MAKE_VENV = $(UV) venv --quiet --clear --python "$$($(SUITABLE) && command -v '$(PYTHON)' || echo '>=3.11')" $(VENV)
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
else
MAKE_VENV = $(PYTHON) -m venv --clear $(VENV)
INSTALL = $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check
endif
LOCKED = $(INSTALL) --require-hashes --requirement
SUITABLE = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null

# npm's directory first: its scripts look for node there.
ifdef NPM
RUN_NPM = npm
else
RUN_NPM = PATH="$(CURDIR)/$(BIN):$$PATH" npm
endif
NPM_CI = ci --ignore-scripts --no-audit --no-fund --no-progress --no-update-notifier --loglevel=error

# $(call step,TITLE,COMMAND) runs a command of the set-up: the title, a dot every two seconds and the
# time it took are printed; what the command itself prints only if it fails.
define step
@log="$$(mktemp)"; started="$$(date +%s)"; printf '%s ' '$(1)'; \
	( while sleep 2 >/dev/null 2>&1; do printf .; done ) & dots=$$!; \
	trap 'kill $$dots 2>/dev/null; rm -f "$$log"' EXIT; trap 'exit 130' INT TERM; \
	( $(2) ) >"$$log" 2>&1; status=$$?; kill $$dots; \
	if [ $$status = 0 ]; then \
		printf ' done in %d s\n' "$$(( $$(date +%s) - started ))"; \
	else \
		printf ' failed:\n' >&2; cat "$$log" >&2; exit 1; \
	fi
endef

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:

##@ Use
.PHONY: help
help: ## List these targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo

.PHONY: demo demo-reset
demo: setup ## Serve a demo with accounts and orders on 127.0.0.1 (PORT=8000)
	@$(BIN)/aftersales demo --port $(PORT)

demo-reset: setup ## Delete the demo's data, make it anew and serve it
	@$(BIN)/aftersales demo --reset --port $(PORT)

##@ Check
.PHONY: test
test: setup-dev ## The tests, on SQLite (ARGS="-k walkthrough", WORKERS=0)
	@$(BIN)/pytest --numprocesses $(WORKERS) --databases sqlite $(ARGS)

.PHONY: test-postgresql
test-postgresql: setup-dev ## Those that need a database, on PostgreSQL
	@$(BIN)/pytest --numprocesses $(WORKERS) --databases postgresql --only-databases $(ARGS)

.PHONY: test-all
test-all: test test-postgresql ## The tests, on SQLite and on PostgreSQL

.PHONY: fuzz
fuzz: setup-dev ## Generated operations and histories, other ones each time (EXAMPLES=1000 STEPS=500000)
	@AFTERSALES_TEST_EXAMPLES=$(EXAMPLES) AFTERSALES_TEST_STEPS=$(STEPS) \
		$(BIN)/pytest --numprocesses $(WORKERS) tests/generated tests/stateful $(ARGS)

.PHONY: test-pooled
test-pooled: setup-dev ## Those that need a database, behind PgBouncer, which has to be installed
	@$(BIN)/pytest --numprocesses $(WORKERS) --databases pgbouncer --only-databases $(ARGS)

.PHONY: test-distributed
test-distributed: setup-dev ## Those that need a database, on the Citus cluster of AFTERSALES_TEST_CITUS_URL
	@$(BIN)/pytest --numprocesses $(WORKERS) --databases citus --only-databases $(ARGS)

.PHONY: walks
walks: setup-dev ## Every walk through the console in Chinese and in English (some ten minutes)
	@AFTERSALES_TEST_WALKS=whole $(BIN)/pytest tests/console

.PHONY: chaos
chaos: setup-dev ## Kill, restart, cut, fill and silence for minutes: nothing acknowledged is lost (some 15 minutes)
	@$(BIN)/pytest --faults long --durations 0 tests/faults tests/test_races_of_processes.py tests/test_races_of_claims.py $(ARGS)

.PHONY: check
check: lint types imports sdl migrations test-all ## Everything CI checks

.PHONY: lint
lint: setup-dev ## Formatting and lint
	@$(BIN)/ruff format --check --quiet || { echo 'Badly formatted: make format' >&2; exit 1; }
	@$(BIN)/ruff check --quiet
	@echo 'lint: ok'

.PHONY: types
types: setup-dev ## Types, strictly, also those of the console
	@$(BIN)/mypy
	@cd $(CONSOLE) && $(RUN_NPM) run --silent types && echo 'console: ok'

.PHONY: imports
imports: setup-dev ## Imports point down
	@$(BIN)/lint-imports --no-logo

.PHONY: sdl
sdl: setup ## schema.graphql and schema.zh-CN.graphql are what the code says
	@$(BIN)/aftersales schema | diff -u schema.graphql - \
		|| { echo 'schema.graphql is not what the code says: make schema' >&2; exit 1; }
	@$(BIN)/aftersales schema --lang zh | diff -u schema.zh-CN.graphql - \
		|| { echo 'schema.zh-CN.graphql is not what the code says: make schema' >&2; exit 1; }
	@echo 'schema.graphql, schema.zh-CN.graphql: ok'

.PHONY: migrations
migrations: setup-dev ## The migrations lead up, down and up again, and make what the models say
	@$(BIN)/aftersales migrate --check
	@$(BIN)/pytest --quiet --no-header tests/house/test_migrations.py

##@ Change
.PHONY: format
format: setup-dev ## Format, and mend what lint can mend
	@$(BIN)/ruff check --fix --quiet --exit-zero
	@$(BIN)/ruff format

.PHONY: schema
schema: setup ## Write schema.graphql, and schema.zh-CN.graphql with Chinese descriptions
	@$(BIN)/aftersales schema > schema.graphql.new || { rm -f schema.graphql.new; exit 1; }
	@mv schema.graphql.new schema.graphql
	@$(BIN)/aftersales schema --lang zh > schema.graphql.new || { rm -f schema.graphql.new; exit 1; }
	@mv schema.graphql.new schema.zh-CN.graphql

.PHONY: documents
documents: setup ## Write web/documents.json from web/examples/
	@$(BIN)/aftersales documents web/examples --output web/documents.json

COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' $(UV) pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate $(if $(UPGRADE),--upgrade)

.PHONY: lock
lock: ## Pin the requirements with their hashes (UPGRADE=1 for newer ones); needs uv
	@test -n '$(UV)' || { echo 'make lock needs uv on the PATH.' >&2; exit 1; }
	@$(COMPILE) pyproject.toml --group build --output-file requirements.txt
	@$(COMPILE) pyproject.toml --group build --group dev --constraint requirements.txt \
		--output-file requirements-dev.txt
	@$(COMPILE) pyproject.toml --extra tracing --group build --constraint requirements.txt \
		--output-file requirements-tracing.txt
	@$(COMPILE) --group node --output-file requirements-node.txt
	@$(COMPILE) --group peers --constraint requirements.txt --output-file bench/peers/requirements.txt

.PHONY: clean
clean: ## Remove what the set-up and the checks made, but not data/
	@rm -rf $(VENV) $(PEERS_HOME)/.venv $(PEERS_HOME)/node_modules web/node_modules $(CONSOLE)/node_modules $(CONSOLE)/dist build dist *.egg-info
	@rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: pictures
pictures: ## The pictures of the console in docs/images, of a fresh demo that runs (PORT=8000)
	@node tests/console/pictures.mjs http://127.0.0.1:$(PORT) "$$(command -v chromium)"

##@ Measure
.PHONY: bench bench-race bench-sweep bench-growth bench-quality bench-streaming bench-export bench-metrics bench-distributed bench-starting bench-console bench-http
bench: bench-race bench-sweep bench-growth bench-streaming bench-export bench-starting ## Measure everything, into bench/results/ (about half an hour)

race_option = $(if $($(1)),--$(2) $($(1)))
bench-race: setup-dev $(PEERS_HOME)/.venv/.installed $(PEERS_HOME)/node_modules/.installed wrk go ## This server and its peers in turns (ROUNDS=1 PEERS=ours,yoga,floor WORK=queue LOADS=1,8,32,256)
	@$(BIN)/python -m bench.race $(call race_option,ROUNDS,rounds) $(call race_option,SECS,secs) \
		$(call race_option,ORDERS,orders) $(call race_option,PEERS,peers) $(call race_option,WORK,work) \
		$(call race_option,LOADS,loads)

bench-sweep: setup-dev ## 100,000 automatic approvals while people review (ORDERS=100000 DUE=10000 SAMPLE=400)
	@$(BIN)/python -m bench.sweep $(call race_option,ORDERS,orders) $(call race_option,DUE,due) \
		$(call race_option,SAMPLE,sample)

bench-growth: setup-dev bench-quality ## How time grows from 10,000 to 1,000,000 orders, of reports too (ORDERS=10000,100000)
	@$(BIN)/python -m bench.growth $(call race_option,ORDERS,orders)

bench-distributed: setup-dev ## Citus beside plain PostgreSQL, on the cluster of AFTERSALES_TEST_CITUS_URL (ORDERS=20000,300000)
	@$(BIN)/python -m bench.distributed $(call race_option,ORDERS,orders)
	@$(BIN)/python -m bench.partitions

bench-quality: setup-dev ## What cases cost beside reviews, and a year's report at 10,000 and 1,000,000 orders (ORDERS=10000,100000)
	@$(BIN)/python -m bench.quality $(call race_option,ORDERS,orders)

bench-export: setup-dev ## One merchant's orders as CSV, XLSX and NDJSON: seconds and memory (ORDERS=1000000)
	@$(BIN)/python -m bench.exporting $(call race_option,ORDERS,orders)

bench-streaming: setup-dev ## What 2,000 subscribers cost, and how soon an event reaches 500
	@$(BIN)/python -m bench.streaming

bench-metrics: setup-dev ## What counting for /metrics costs a page, in processor time (ROUNDS=2000)
	@$(BIN)/python -m bench.watching $(call race_option,ROUNDS,rounds)

bench-starting: setup-dev ## Seconds until --help, serve and a second make demo are ready (STARTS=5)
	@$(BIN)/python -m bench.starting $(call race_option,STARTS,starts)

bench-console: setup-dev ## The console in Chromium: seconds, frames, processor, script
	@$(BIN)/python -m bench.console

# It stays out of the server's environment: nothing but this bench needs it.
GRANIAN := bench/.cache/granian
$(GRANIAN)/.installed:
	$(call step,Installing granian,$(INSTALL) --target $(GRANIAN) granian==2.8.9)
	@touch $@

bench-http: setup-dev wrk $(GRANIAN)/.installed ## Granian beside uvicorn (ROUNDS=5 LOADS=1,32 WORK=queue,order)
	@$(BIN)/python -m bench.http_servers $(call race_option,ROUNDS,rounds) $(call race_option,SECS,secs) \
		$(call race_option,ORDERS,orders) $(call race_option,WORK,work) $(call race_option,LOADS,loads)

.PHONY: wrk
wrk:
	@command -v wrk >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -qq --yes wrk >/dev/null; } \
		|| { echo 'The race needs wrk on the PATH (Debian: apt-get install wrk).' >&2; exit 1; }

# Without it the race goes on, and says so.
GO_PACKAGES := golang-go golang-github-graph-gophers-graphql-go-dev golang-github-jackc-pgx-v4-dev
.PHONY: go
go:
	@test -d /usr/share/gocode/src/github.com/graph-gophers/graphql-go || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -qq --yes $(GO_PACKAGES) >/dev/null; } || true

# Set-up, each step once: a stamp is younger than the files it was made from.

.PHONY: setup setup-dev
setup: $(VENV)/.runtime web/node_modules/.installed $(CONSOLE)/dist/.built
setup-dev: $(VENV)/.dev setup

$(VENV)/.made:
	@if $(SUITABLE); then :; elif test -n '$(UV)'; then :; else \
		echo 'aftersales needs Python 3.11 or newer, or uv: `$(PYTHON)` is neither (make PYTHON=...).' >&2; \
		exit 1; fi
	@test -n '$(UV)' || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '`$(PYTHON)` cannot make environments: install its venv (Debian: python3-venv), or uv.' >&2; \
		exit 1; }
	$(call step,Making $(VENV),$(MAKE_VENV))
	@touch $@

$(VENV)/.runtime: requirements.txt pyproject.toml $(VENV)/.made
	$(call step,Installing the Python packages of requirements.txt,$(LOCKED) requirements.txt)
	$(call step,Installing aftersales,$(INSTALL) --no-deps --no-build-isolation --editable .)
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(call step,Installing the Python packages of requirements-dev.txt,$(LOCKED) requirements-dev.txt)
	@touch $@

$(VENV)/.node: requirements-node.txt $(VENV)/.made
	$(call step,Installing npm,$(LOCKED) requirements-node.txt)
	@touch $@

# GraphiQL's files. Order-only on npm itself: a machine that gains one keeps what is installed.
web/node_modules/.installed: web/package.json web/package-lock.json $(if $(NPM),,| $(VENV)/.node)
	$(call step,Installing GraphiQL with npm,cd web && $(RUN_NPM) $(NPM_CI))
	@touch $@

# The console. Nobody else builds it while this does, and a stamp is its last file.
CONSOLE_SOURCES := $(shell find $(CONSOLE)/src $(CONSOLE)/build $(CONSOLE)/public -type f -not -path '*/api/graphql/*') \
	$(wildcard $(CONSOLE)/*.ts $(CONSOLE)/*.html $(CONSOLE)/*.json)

$(CONSOLE)/node_modules/.installed: $(CONSOLE)/package.json $(CONSOLE)/package-lock.json $(if $(NPM),,| $(VENV)/.node)
	$(call step,Installing what the console is built with,cd $(CONSOLE) && $(RUN_NPM) $(NPM_CI))
	@touch $@

$(CONSOLE)/dist/.built: $(CONSOLE)/node_modules/.installed $(CONSOLE_SOURCES) schema.graphql
	$(call step,Building the console,cd $(CONSOLE) && $(RUN_NPM) run --silent generate && $(RUN_NPM) run --silent build)
	@touch $@

# The peers of the bench have their own Python packages, and Node.
PEERS_VENV := $(PEERS_HOME)/.venv
LOCKED_PEERS = $(subst $(BIN),$(PEERS_VENV)/bin,$(LOCKED))
$(PEERS_VENV)/.installed: $(PEERS_HOME)/requirements.txt requirements-node.txt
	$(call step,Making $(PEERS_VENV),$(subst $(VENV),$(PEERS_VENV),$(MAKE_VENV)))
	$(call step,Installing the peers in Python,$(LOCKED_PEERS) $(PEERS_HOME)/requirements.txt)
	$(call step,Installing npm for the peers,$(LOCKED_PEERS) requirements-node.txt)
	@touch $@

$(PEERS_HOME)/node_modules/.installed: $(PEERS_HOME)/package.json $(PEERS_HOME)/package-lock.json $(PEERS_VENV)/.installed
	$(call step,Installing the peers on Node,cd $(PEERS_HOME) && \
		PATH="$(CURDIR)/$(PEERS_VENV)/bin:$$PATH" npm $(NPM_CI))
	@touch $@
