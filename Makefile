# Dialtide. `make help` lists what there is to do.

SHELL := /bin/bash
VAR   ?= $(CURDIR)/var
export DIALTIDE_VAR := $(VAR)
# A newer node than the machine's own, where the install step had to fetch one.
export PATH := $(VAR)/node/bin:$(PATH)

WEB      := api/web/app
WEB_SRC  := $(shell find $(WEB) -type f -not -path '*/node_modules/*' 2>/dev/null)
WEB_DONE := api/web/dist/index.html

.PHONY: help
help: ## what there is to do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: run
run: install-run build ## the whole demo: servers, carrier, list, agents, dialling; Ctrl-C ends it (LISTEN=127.0.0.1:8081 for another port)
	@exec bin/dialtide demo --var $(VAR) $(if $(LISTEN),--listen $(LISTEN))

# Where tests' servers keep their data: in memory, if that has room. Benchmarks keep theirs on the disk.
test test-quick: export DIALTIDE_TEST_DIR := $(shell [ "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -ge 4194304 ] 2>/dev/null && echo /dev/shm)

.PHONY: test
test: install-test web ## every test there is, on real servers; with the race detector, but for the simulations of pacing
	@deploy/test.sh

.PHONY: test-quick
test-quick: ## the machines, rules and scripts, for the inner loop: under a minute, of servers only PostgreSQL
	go test -timeout 60s ./pacing/... ./agent/... ./dialer/call/... ./api/stream/... ./lists/compliance/... ./lists/filter/... ./lists/chance/...

FUZZTIME ?= 1000x

.PHONY: fuzz
fuzz: ## every fuzz target for a moment (FUZZTIME=1m for each to look longer); what they find is kept in testdata/fuzz
	@deploy/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: install-test build ## the ratios that the README quotes (about twenty minutes of a machine with nothing else to do)
	@deploy/bench.sh

.PHONY: bench-pacing
bench-pacing: build ## our pacing against others' on simulated campaigns, and against what it promises (about 25 minutes)
	@mkdir -p $(VAR)
	@bin/dialtide simulate all --judge --seeds 3 --json $(VAR)/bench-pacing.json --html $(VAR)/bench-pacing.html

.PHONY: bench-claim
bench-claim: install-test ## the next contact of ten million, with a million do-not-call numbers (about 15 minutes and 10 GB)
	@set -o pipefail; go test ./lists -run '^$$' -bench '^BenchmarkNextContact$$' -benchtime 1x -timeout 60m -v \
		-contacts 10000000 -dnc 1000000 -span 30s -hold 2m | grep -vE '^(goos|goarch|pkg|PASS|=== )'

.PHONY: bench-import
bench-import: install-test ## a million rows loaded, against a plain COPY of the same file (about three minutes)
	@go test -run '^$$' -bench '^BenchmarkMillion$$' -benchtime 1x -timeout 30m -v ./lists/importer | grep -E 'rows of|round|bound|ratio|FAIL|panic'

.PHONY: bench-desk
bench-desk: install-test web ## 2,000 agents' sockets on one process: a pop's way to the page, memory per agent; then pops in Chromium (about three minutes)
	@set -o pipefail; go test ./api -run '^$$' -bench '^BenchmarkDesk$$' -benchtime 1x -timeout 15m -v | grep -vE '^(goos|goarch|pkg|cpu|PASS|=== |Benchmark)'
	@set -o pipefail; go test ./cmd/e2e -run '^$$' -bench '^BenchmarkPopOnScreen$$' -benchtime 1x -timeout 15m -v | grep -vE '^(goos|goarch|pkg|cpu|PASS|=== |Benchmark|ok)'

ATTEMPTS ?= 10000000
.PHONY: bench-report
bench-report: install-test ## every report of a day and of a year of ATTEMPTS attempts, and how long summing them up takes
	@go test -run '^$$' -bench '^BenchmarkReports$$' -benchtime 1x -timeout 6h -v ./api/report -args -attempts $(ATTEMPTS)

.PHONY: build
build: web ## bin/dialtide with the desktop inside
	@go build -o bin/dialtide ./cmd/dialtide

.PHONY: web
web: $(WEB_DONE) ## the web desktop

$(WEB_DONE): $(WEB_SRC) $(WEB)/node_modules/.package-lock.json
	@cd $(WEB) && npm run build --silent
	@touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	@cd $(WEB) && npm ci --no-audit --no-fund --silent
	@touch $@

.PHONY: install-run
install-run: ## what the demo needs and this machine lacks
	@deploy/install.sh run

.PHONY: install-test
install-test: ## what the tests need and this machine lacks
	@deploy/install.sh test

.PHONY: fmt
fmt: ## gofmt
	gofmt -w $$(git ls-files '*.go')

.PHONY: clean
clean: ## remove what was built; the servers' data under var/ stays
	rm -rf bin api/web/dist/assets api/web/dist/docs $(WEB_DONE)
