# Every command works from any folder (`make -C /path/to/tuike run`), as root or not, and as often as you like.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python
MONEY_PATH := src/tuike/kit $(foreach part,types.py types rules.py rules service.py service,$(wildcard src/tuike/*/$(part))) $(wildcard src/tuike/flows)
ARGS ?=

.PHONY: help setup setup-dev run test test-all check bench shots phone-shots miniprogram mall-api demo demo-journey lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /\1|/' | while IFS='|' read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done

setup: ## make .venv with what running needs (done by itself when missing or when the locks changed)
	@.ci/setup run

setup-dev: ## the same with what checking and testing needs
	@.ci/setup dev

run: setup ## run the product: database, web, worker, sandbox (PORT=8000, TUIKE_HOME=var, TUIKE_HOST=127.0.0.1)
	@exec .venv/bin/tuike up $(ARGS)

check: setup-dev ## lint, format, types, imports, security
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy $(MONEY_PATH)
	@.venv/bin/lint-imports
	@$(PY) -m bandit -q -c pyproject.toml -r src

test: check ## check, then the everyday tests (ARGS=… goes to pytest)
	@.ci/browser
	@$(PY) -m pytest -n 2 --dist loadgroup -m "not slow" $(ARGS)
	@printf 'left out of this run (make test-all runs them): '
	@$(PY) -m pytest --collect-only -o addopts=--import-mode=importlib -q -m slow -p no:xdist | tail -n 1

test-all: check ## check, then every test
	@.ci/browser
	@$(PY) -m pytest -n 2 --dist loadgroup $(ARGS)

bench: setup-dev ## measure the hot paths and print each figure with its limit
	@$(PY) -m bench $(ARGS)

shots: setup-dev ## take a picture of every page of the consoles into var/shots (ARGS="--only promoter --fresh")
	@.ci/browser
	@$(PY) tools/shots.py $(ARGS)

phone-shots: setup-dev ## take a picture of every page of the mall on a phone into var/shots/phone (needs Node 20)
	@.ci/browser
	@$(PY) tools/phone_shots.py $(ARGS)

miniprogram: setup ## build WeChat's package into miniprogram/dist/build/mp-weixin (needs Node 20)
	@$(PY) -P -m tuike.runtime.mall_build mp-weixin

mall-api: setup-dev ## write the app's typed client anew after a change of the storefront's API (needs Node 20)
	@$(PY) -m tools.mall
	@cd miniprogram && CI=1 npm run --silent api

demo: setup ## load the demo alliance into the running product's database
	@.venv/bin/tuike demo load $(ARGS)

demo-journey: setup ## walk one order from click to payout over HTTP against the running product
	@.venv/bin/tuike demo journey $(ARGS)

lock: setup-dev ## write requirements/*.txt anew from requirements/*.in
	@cd requirements && ../$(PY) -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 run.in -o run.txt
	@cd requirements && ../$(PY) -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 dev.in -o dev.txt

clean: ## remove what builds and tests left behind (never var/, never .venv)
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .grimp_cache .hypothesis .coverage
	@find src tests bench clients tools -name __pycache__ -type d -prune -exec rm -rf {} +
