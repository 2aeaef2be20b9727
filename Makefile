# The front door. Every target is one script under scripts/, which can be run by itself.
.DEFAULT_GOAL := help
.PHONY: help run stop build test check sanitize fuzz bench install install-cli clean distclean
MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
ARGS ?=

help: ## Show this list
	@echo "AI Orchestra: every AI model behind one endpoint. Start with: make run"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
	  || sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1   \2/p' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and serve in the foreground (ARGS="--port 9000")
	@scripts/run $(ARGS)

stop: ## Stop the server that `make run` started
	@scripts/stop

build: ## Build the release programs into build/release/bin
	@scripts/deps
	@scripts/build release

test: ## Build with assertions and run every test
	@scripts/deps --dev
	@scripts/build dev
	@test/run-tests.sh all

check: ## Format, layers, headers, sizes, static analysis
	@scripts/deps --dev
	@scripts/check

sanitize: ## Rooms with threads or parsers again, under ASan, UBSan and TSan
	@scripts/deps --dev
	@scripts/sanitize

fuzz: ## Every fuzz target for 60 s (SECONDS_EACH=600 for longer)
	@scripts/deps --dev
	@scripts/fuzz

bench: ## Speed and size beside nginx; one table and JSON
	@scripts/deps --dev
	@scripts/build release
	@bench/run

install: ## Build and copy programs, engine and demo model under PREFIX (default /usr/local)
	@scripts/deps
	@scripts/build release
	@scripts/install "$(PREFIX)"

install-cli: ## Build and copy only the command `ai-orchestra` to PREFIX/bin
	@scripts/deps
	@scripts/build release
	@scripts/install --cli "$(PREFIX)"

clean: ## Remove what was built, keep the dependencies
	@rm -rf build/dev build/release build/profile build/asan build/tsan build/fuzz build/check
	@echo "Removed the builds; build/deps stays (make distclean removes it too)."

distclean: ## Remove everything under build/
	@rm -rf build
	@echo "Removed build/."
