# Gatehouse. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

installed := node_modules/.gatehouse
page := ui/dist/index.html
page_sources := $(shell find ui controller/contract -path ui/dist -prune -o -type f -print 2>/dev/null)

.PHONY: help run check test bench fuzz image screenshots

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sort | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

run: $(page) ## start Gatehouse on this machine: DNS on 5300, page on http://127.0.0.1:8080
	@exec node controller/commands.ts run

check: $(installed) ## types, format, lint, dead code
	tsc --noEmit
	biome check --error-on-warnings .
	knip

test: $(page) ## everything that can be tested on this machine
	@test/system-packages.sh
	@$(MAKE) --no-print-directory check
	@npm run --silent test

bench: $(page) ## speed beside dnsmasq and unbound, as ratios
	@test/system-packages.sh
	@node test/bench/bench.ts

fuzz: $(installed) ## hostile octets against the DNS reader and the list parsers; SECONDS=60
	@node test/fuzz/fuzz.ts

image: ## the SD-card image
	@echo 'make image: this version has no card image; run Gatehouse with `make run`.' >&2; exit 1

screenshots: $(page) ## pictures of every page in .screenshots/
	@test/system-packages.sh
	@node test/journeys/screenshots.ts

# Only prebuilt binaries: no package may run a script of its own while it is installed.
$(installed): package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@ln -sf ../../controller/gatehouse node_modules/.bin/gatehouse
	@node -e 'if (Number(process.versions.node.split(".")[0]) < 26) { console.error("Gatehouse needs the Node of its lock file (26, 64-bit x86 or ARM Linux); this one is " + process.version); process.exit(1); }'
	@touch $@

$(page): $(installed) $(page_sources)
	npm run --silent build
	@touch $@
