# Everything a person does here, one word each. The logic is in .ci/.
BIN := .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check bench setup lock format words

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Set up what is missing, then serve the demo office at http://127.0.0.1:8000
	@new=; [ -s var/motcua.db ] || new=1; $(BIN)/motcua migrate && { [ -z "$$new" ] || $(BIN)/motcua demo; }
	@umask 077; mkdir -p var; [ -s var/secret-key ] || $(BIN)/python -c "import secrets; print(secrets.token_hex(32))" > var/secret-key
	MOTCUA_SECRET_KEY="$$(cat var/secret-key)" $(BIN)/motcua serve

test: ## Set up what is missing, check, and run every test (ARGS="tests/unit -k pause" runs some)
	@.ci/setup.sh test
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: ## Style, types, import contracts and the diagrams of bpmn/
	@.ci/setup.sh check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/motcua check bpmn/

bench: ## Print every figure of benchmarks/, one file each
	@.ci/setup.sh check
	@set -e; for figure in benchmarks/[a-z]*.py; do echo "== $$figure"; $(BIN)/python "$$figure"; done

setup: ## Set up what is missing for `make run`, start nothing
	@.ci/setup.sh run

words: ## Bring the English catalogue up to date; list what has no English yet
	@.ci/setup.sh check
	$(BIN)/python .ci/words.py

format: ## Lay out the Python code, and mend what ruff can
	@.ci/setup.sh check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Regenerate the locks and accept the front-end files (UPGRADE=1 takes the newest versions that fit)
	@.ci/lock.sh
