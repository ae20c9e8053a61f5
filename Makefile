# `make demo` and `make test` do everything on a fresh machine with Python 3.11; `make help` lists the rest.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo

.PHONY: help install demo smoke full test check test-real stress test-all bench schemas clean

help: ## what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed and $(PYTHON) is not there; install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) gold_data/replay/machine.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[simulate,train,export,dev]'
	@touch $@

install: $(VENV)/.installed ## the environment in .venv, as constraints.txt pins it

demo: install ## records that look like WOMD's -> dataset -> summary -> picture, in demo/
	rm -rf $(DEMO)
	$(BIN)/gold-data synth $(DEMO)/records --scenarios 24 --seed 0
	$(BIN)/gold-data convert $(DEMO)/records --out $(DEMO)/dataset
	$(BIN)/gold-data view $(DEMO)/dataset 10 --to $(DEMO)/episode.png

smoke: install ## the batch job on made-up records, in WORK or build/smoke; goes on where it stopped
	$(BIN)/python -m pipelines pipelines/smoke.toml --work $(or $(WORK),build/smoke)

full: install ## the batch job in the paper's size: make full RECORDS=womd/training WORK=job
	$(BIN)/python -m pipelines pipelines/full.toml --work '$(or $(WORK),$(error Name the folder for the results: WORK=...))' --set 'records=$(RECORDS)'

# A process a core, with one thread: more would wait for each other, and burn the cores while they do. Files are begun in
# the order of tests/conftest.py; xdist's own would begin those with the fewest tests last, which are the longest.
test test-real stress: export OMP_NUM_THREADS ?= 1
SHARED_OUT := -n auto --dist loadfile --no-loadscope-reorder

test: install ## the fast tests
	$(BIN)/pytest tests $(SHARED_OUT)

test-real: install ## the tests on real WOMD records: ../shared/womd, or the folder in $$GOLD_WOMD
	$(BIN)/pytest tests/real $(SHARED_OUT)

stress: install ## the long tests: the toy's acceptance, the small recipe
	$(BIN)/pytest tests/stress -n auto

test-all: test test-real stress ## every test

check: install ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install ## speed, as ratios against named references; all samples in bench.json
	$(BIN)/python -m benchmarks.run

schemas: install ## what is compiled or derived in schemas/
	cd schemas && ../$(BIN)/python -m grpc_tools.protoc -I. --include_imports --descriptor_set_out=scenario.binpb scenario.proto
	$(BIN)/python -c "from gold_data.shards.manifest import schema_text; print(schema_text(), end='')" > schemas/manifest.schema.json

clean: ## everything that was made
	rm -rf $(VENV) $(DEMO) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find gold_data -name '*.nb[ci]' -delete
