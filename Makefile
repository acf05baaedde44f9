# Thin: each target runs one script. On Windows the same words are `npm test`, `npm run demo` and so on.
RUN := node scripts/run.mjs

.DEFAULT_GOAL := help
.PHONY: help setup build demo check test test-fast test-windows dist bench bench-peers bench-windows performance generate format picture clean

help: ## list the targets
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | \
	  while IFS="$$(printf '\t')" read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

setup: ## bring the locked packages and Node 22 (every other target does this when needed)
	@node scripts/setup.mjs

build: ## make build/wctl, one executable that needs no Node
	@$(RUN) scripts/build.ts

demo: ## see it work: apply, kill, come back, scale, logs, clean up
	@$(RUN) scripts/demo.ts

check: ## lint, types, floors, unused code, generated files, paths and links in the docs
	@$(RUN) scripts/check.ts

test: ## check, build and run every test, the Windows lane too (ONLY=test/store for a part)
	@$(RUN) scripts/test.ts $(ONLY)

test-fast: ## for every day, about a minute: check, build, and the tests without Wine, end-to-end and other slow ones
	@$(RUN) scripts/test.ts --fast $(ONLY)

test-windows: ## the Windows lane: the tests under the genuine Windows node.exe, in Wine (ONLY=test/lib for a part)
	@$(RUN) scripts/test-windows.ts $(ONLY)

dist: ## dist/wctl.exe, its installer, checksums and an SBOM (RELEASE_URL=https://HOST/PATH/ for winget and scoop)
	@RELEASE_URL="$(RELEASE_URL)" $(RUN) scripts/dist.ts

bench: ## measure speed and size beside the simplest supervisor, JSON on stdout
	@$(RUN) scripts/bench.ts $(ARGS)

bench-peers: ## measure beside runit, s6, systemd, supervisord and PM2, JSON on stdout
	@$(RUN) scripts/bench-peers.ts $(ARGS)

bench-windows: ## measure the Windows body in Wine, beside nssm, JSON on stdout
	@$(RUN) scripts/bench-windows.ts $(ARGS)

performance: ## the tables of docs/performance.md anew, from what bench and bench-peers printed (FIGURES="FILE...")
	@$(RUN) scripts/bench-page.ts $(FIGURES)

generate: ## regenerate the types and schemas from schemas/*.json
	@$(RUN) schemas/generate.ts

picture: build ## docs/picture.svg: what the README shows, recorded anew
	@$(RUN) scripts/picture.ts

format: ## format every file
	@$(RUN) scripts/check.ts --format

clean: ## remove what was built (node_modules stays)
	@rm -rf build coverage
