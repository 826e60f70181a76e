# Everything a developer runs. `make` alone lists it. The work itself is done in tools/.

PYTHON ?= $(shell sh tools/python.sh)
IN_VENV := .venv/bin/python
NO_PYTHON = No Python of at least 3.11 on the PATH. Install one, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3
SET_UP = $(if $(PYTHON),,$(error $(NO_PYTHON)))@"$(PYTHON)" -m tools.environment

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix bench docs js new-widget lock clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

setup: ## make .venv with everything that development needs
	$(SET_UP) dev

demo: ## start a server with a sample page on which every widget works
	$(SET_UP) runtime
	@.venv/bin/transom demo $(ARGS)

test: ## run the tests, the browser's too (ARGS="tests/store -x")
	$(SET_UP) test
	@$(IN_VENV) -m tools.js ready
	@$(IN_VENV) -m tools.postgres
	@chromium=$$($(IN_VENV) -m tools.browser) && TRANSOM_CHROMIUM="$$chromium" $(IN_VENV) -m pytest $(ARGS)

check: ## everything static: linters, types, sizes, layers, built packages
	$(SET_UP) dev
	@$(IN_VENV) -m tools.check

fix: ## format, and mend what linters can mend
	$(SET_UP) dev
	@$(IN_VENV) -m ruff check --fix . || true
	@$(IN_VENV) -m ruff format .
	@$(IN_VENV) -m tools.js fix

bench: ## measure the figures that the README quotes
	$(SET_UP) test
	@$(IN_VENV) -m benchmarks $(ARGS)

docs: ## write the reference from the code, check the links of all pages
	$(SET_UP) dev
	@$(IN_VENV) -m tools.docs

js: ## build the browser's module from js_embed/
	$(SET_UP) runtime
	@$(IN_VENV) -m tools.js build

new-widget: ## write a further widget of ours, and its tests (NAME=wave ARGS="--script --table")
	$(SET_UP) dev
	@$(IN_VENV) -m tools.new_widget "$(NAME)" $(ARGS)
	$(SET_UP) dev

lock: ## take the newest versions of everything into constraints.txt
	$(SET_UP) dev
	@$(IN_VENV) -m tools.lock

clean: ## remove what these targets made, but no server's data
	rm -rf .venv .make .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist js_embed/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
