#!/usr/bin/env bash
# Set the project up on a Debian machine that has nothing but Python 3.11 and make. What is already right is not touched,
# so a second call takes a second and needs neither network nor root.
#
#   .ci/setup.sh run     what the product needs: Python packages, Debian libraries, front-end files and fonts
#   .ci/setup.sh check   the same, and the tools of `make check`
#   .ci/setup.sh test    the same, and Chromium and PostgreSQL
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. .ci/lib.sh

# One set-up at a time in this folder; a second one waits, and then finds nothing left to do. `--close`: a service that
# apt starts must not inherit the lock.
if [ -z "${SETUP_HAS_LOCK:-}" ]; then
    SETUP_HAS_LOCK=1 exec flock --close .ci .ci/setup.sh "$@"
fi

LETTER_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
LETTER_LIBRARIES=(libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0)

# Python packages, exactly those of the lock, and our own command: python_packages run|dev
python_packages() {
    local level=$1 lock key
    is_our_venv .venv || make_venv .venv
    if [ -e .venv/.level-dev ]; then level=dev; fi # `make run` after `make test` takes nothing away
    lock=.ci/requirements.txt
    if [ "$level" = dev ]; then lock=.ci/requirements-dev.txt; fi
    key=$(cat "$lock" .ci/requirements-uv.txt pyproject.toml | sha256sum)
    if [ "$(cat .venv/.installed 2>/dev/null)" = "$key" ] && [ -x .venv/bin/motcua ]; then return; fi

    say "Python packages ($lock)"
    rm -f .venv/.installed
    install_with_uv "$lock" || {
        say "uv cannot be used here: the same with pip, which takes longer"
        .venv/bin/python -m pip install --quiet --require-hashes -r "$lock"
    }
    .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
    if [ "$level" = dev ]; then touch .venv/.level-dev; fi
    printf '%s\n' "$key" >.venv/.installed
}

install_with_uv() {
    .venv/bin/python -m pip install --quiet --require-hashes -r .ci/requirements-uv.txt &&
        uv pip sync --quiet --require-hashes --compile-bytecode "$1"
}

# What WeasyPrint draws letters with. Asked of the loader itself: it also finds what came without apt.
letter_libraries() {
    if can_load "${LETTER_LIBRARIES[@]}"; then return; fi
    apt_install "${LETTER_PACKAGES[@]}" || true
    can_load "${LETTER_LIBRARIES[@]}" || fail "letters cannot be printed without these Debian packages: ${LETTER_PACKAGES[*]}"
}

can_load() {
    .venv/bin/python -c 'import ctypes, sys; [ctypes.CDLL(name) for name in sys.argv[1:]]' "$@" 2>/dev/null
}

# htmx, Bootstrap, bpmn-js and the fonts of the letters, each compared with its accepted hash
front_end() {
    if .venv/bin/python .ci/assets.py --check; then return; fi
    say "Front-end files and fonts (package-lock.json)"
    npm_command ci --ignore-scripts --no-audit --no-fund --loglevel=error
    .venv/bin/python .ci/assets.py
}

# Without them the tests that need them are skipped and say so; with CI=true the test session fails.
test_tools() {
    local missing=()
    if ! command -v chromium-headless-shell >/dev/null && ! command -v chromium >/dev/null; then
        # The same browser without a window to draw, a fifth quicker; not every Debian has it
        apt_install chromium-headless-shell || missing+=(chromium)
    fi
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
    can_load libatomic.so.1 || missing+=(libatomic1) # Playwright's driver
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    apt_install "${missing[@]}" || say "going on without ${missing[*]}: their tests will NOT run"
}

case "${1:-}" in
run) levels=run ;;
check | test) levels=dev ;;
*) fail "usage: .ci/setup.sh run|check|test" ;;
esac
python_packages "$levels"
letter_libraries
front_end
if [ "$1" = test ]; then test_tools; fi
