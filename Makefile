# Each target makes the environment it needs; nothing but Python 3.11+, pip and make has to be there.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BENCH_READY := .venv/.bench-ready
DEMO ?= village
CODE := src tests bench

.PHONY: env demo test check format lint types imports docs docs-check bench soak clean

env: $(READY)

$(READY): requirements/dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	if command -v uv >/dev/null; then \
		uv pip install --python $(BIN)/python --quiet --require-hashes -r requirements/dev.lock; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock; \
	fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(BENCH_READY): $(READY) requirements/bench.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	touch $@

demo: $(READY)
	$(BIN)/hedgerow demo $(DEMO)

test: $(READY)
	$(BIN)/python -m pytest -n auto

# Format, lint, types, import contracts, docs printed from code, then the tests with the house rules.
check: $(READY)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.reference --check
	$(MAKE) test

format: $(READY)
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

docs: $(READY)
	$(BIN)/python -m docs.reference

bench: $(BENCH_READY)
	for claim in bench/*.py; do echo "== $$claim"; PYTHONPATH=. $(BIN)/python "$$claim" || exit 1; done

soak: $(BENCH_READY)
	HEDGEROW_EXAMPLES=10 $(BIN)/python -m pytest -m "slow or hypothesis"

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --group dev --extra postgres \
		--no-emit-index-url --no-header -q -o requirements/dev.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --group bench \
		-c requirements/dev.lock --no-emit-index-url --no-header -q -o requirements/bench.lock

clean:
	rm -rf .venv village
