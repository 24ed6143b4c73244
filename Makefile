# Everything a fresh machine needs is installed by the targets themselves: Node 24 by npm, the control plane by the lab.
.DEFAULT_GOAL := help
SHELL := /bin/bash
npm := npm --no-update-notifier
installed := node_modules/.package-lock.json

.PHONY: help demo test check bench format generate clean

help:
	@echo "make demo    a cluster on this machine, an address from a pool, a failover: the story in a minute"
	@echo "make test    every test: unit, contract, simulation, integration, end to end"
	@echo "make check   format, lint, types, unit tests"
	@echo "make bench   the numbers, beside the bare API server's"

$(installed): package.json package-lock.json
	@echo "installing packages (npm ci)"
	@$(npm) ci --no-audit --no-fund
	@touch $@

check: $(installed)
	@$(npm) run -s lint
	@$(npm) run -s types
	@$(npm) run -s test:unit

test: check
	@$(npm) run -s lab -- prepare
	@$(npm) run -s test:contract
	@$(npm) run -s test:simulation
	@$(npm) run -s test:integration
	@$(npm) run -s test:e2e

demo: $(installed)
	@$(npm) run -s demo -- $(ARGS)

bench: $(installed)
	@$(npm) run -s bench -- $(ARGS)

format: $(installed)
	@$(npm) run -s format

generate: $(installed)
	@$(npm) run -s generate

clean:
	rm -rf node_modules dist .lab
