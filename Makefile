# Everything a person needs is two targets: `make rehearse` and `make test`. `make help` lists the others.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# The project brings its own Node, so that the machine's does not matter.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
node_modules_stamp := node_modules/.package-lock.json
bundle := dist/cli/main.js

.PHONY: help setup build rehearse test test-unit test-workflow test-lab test-damage test-shapes test-ways-back test-breaches test-runbook test-faults qa bench bench-rollback bench-plan lab lab-status lab-down clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-14s %s\n", $$1, $$2 }'

$(node_modules_stamp): package.json package-lock.json
	@echo "Installing the npm packages"
	@# Not `npm ci`: it refuses when a registry lacks a native package of another platform, which nothing here needs.
	@npm install --no-save --no-progress --engine-strict=false --loglevel=error
	@touch $@

setup: $(node_modules_stamp)

$(bundle): $(node_modules_stamp) $(shell find src -name '*.ts' -not -name '*.test.ts') tsdown.config.ts
	@npm run --silent build

build: $(bundle) ## Build the product into dist/

rehearse: build ## Raise the lab and hand its two clusters over, asking at each gate (APPROVE=yes: answer by itself)
	@node lab/rehearsal/main.ts

test: build ## Set up what is needed and run every test; leaves nothing running
	@node test/run.ts

test-shapes: build ## Hand over each legacy shape in the lab, there, back and from nothing (slow; SHAPES=name,name)
	@node test/shapes/run.ts

test-ways-back: build ## Go back from every phase of every shape, without Temporal, and main alone (slow; WAYS, SHAPES, PHASES)
	@node test/ways-back/run.ts

test-runbook: build ## Bring a cluster to each held state of docs/runbook.md and type its commands (slow; RUNBOOK=held,helm for some)
	@node test/runbook/run.ts

test-breaches: build ## Do harm by hand in the middle of a run; the watch stops it, and both ways lead out (slow; BREACHES=name,name)
	@node test/breaches/run.ts

test-damage: build ## Do on throwaway clusters what plan refuses, and show what is lost (slow)
	@node test/damage/run.ts

test-faults: build ## Do every fault to every phase that acts, in the lab (an hour; goes on where it ended; CELLS=…, SEED=n)
	@node test/faults/run.ts

qa: build ## Format, lint, types and unused code
	@npm run --silent qa

bench: build ## Measure against a plain shell script (ROUNDS=5), and the start-up time
	@node bench/start-up.ts
	@node bench/handover.ts

bench-rollback: build ## Measure the way back from each phase, and the watch, against plain shell scripts (slow; ROUNDS=5, PHASES=soak,settle for some)
	@node bench/rollback.ts

bench-plan: build ## Plan a generated repository of 10,000 files, against flux-local (ROUNDS=3, PEER_MINUTES=10)
	@node bench/plan.ts

lab: setup ## Raise the lab: two clusters, registry, Git server, Temporal
	@node lab/main.ts up

lab-status: setup ## What of the lab runs, and where
	@node lab/main.ts status

lab-down: setup ## Remove everything of the lab
	@node lab/main.ts down

clean: lab-down ## Remove the lab and everything that was built in this checkout
	@rm -rf dist .lab node_modules
