#!/usr/bin/env bash
# Regenerate every lock from pyproject.toml and package.json, and accept the front-end files that come of it.
# Versions that still fit stay; UPGRADE=1 takes the newest that fit. No lock holds an address: only names and hashes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. .ci/lib.sh

compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --custom-compile-command "make lock" ${UPGRADE:+--upgrade} "$@"
}

is_our_venv .venv || make_venv .venv
.venv/bin/python -m pip install --quiet --require-hashes -r .ci/requirements-uv.txt

say "Python packages"
compile --group uv --output-file .ci/requirements-uv.txt
compile --group node --output-file .ci/requirements-node.txt
compile pyproject.toml --group build --output-file .ci/requirements.txt
compile pyproject.toml --group build --group dev --constraint .ci/requirements.txt --output-file .ci/requirements-dev.txt

say "Front-end packages"
if [ -n "${UPGRADE:-}" ]; then rm -f package-lock.json; fi
npm_command install --package-lock-only --ignore-scripts --no-audit --no-fund --loglevel=error
npm_command ci --ignore-scripts --no-audit --no-fund --loglevel=error
.venv/bin/python .ci/assets.py --update
