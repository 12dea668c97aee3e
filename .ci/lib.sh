# Shell functions that .ci/setup.sh and .ci/lock.sh share. Sourced, in the project's folder.
# shellcheck shell=bash

say() { printf '==> %s\n' "$*" >&2; }

fail() {
    printf 'set-up: %s\n' "$*" >&2
    exit 3
}

# --- Python ---

# The first Python on this machine that is new enough; PYTHON=/path/to/python3 chooses another.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13 /usr/bin/python3}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer was not found (PYTHON=/path/to/python3 names one)"
}

# A virtual environment works, is new enough and was made for this folder: its scripts hold the folder's name.
is_our_venv() {
    [ -e "$1/pyvenv.cfg" ] && grep -qF "$PWD/$1" "$1/pyvenv.cfg" &&
        "$1/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

make_venv() {
    local python
    python=$(find_python)
    say "Virtual environment $1 ($("$python" --version))"
    if "$python" -m venv --clear "$1" >/dev/null 2>&1; then return; fi
    apt_install python3-venv || fail "this Python cannot make virtual environments: it needs the Debian package python3-venv"
    "$python" -m venv --clear "$1"
}

# uv reads its own settings, not pip's: hand over the index that pip is told to use by the environment.
uv() {
    env UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV="$PWD/.venv" \
        ${PIP_INDEX_URL:+UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"} .venv/bin/uv "$@"
}

# --- Debian ---

# Install those of the named packages that are missing. Fails, with a line that says what to ask for, where it cannot.
apt_install() {
    local package missing=()
    for package in "$@"; do
        dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    if ! command -v apt-get >/dev/null; then
        say "this machine has no apt: install what Debian calls ${missing[*]}"
        return 1
    fi
    say "Debian packages: ${missing[*]}"
    as_root apt-get update -qq || say "the package lists could not be refreshed; trying with those that are here"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null || {
        say "not installed. An administrator can: apt-get install --no-install-recommends ${missing[*]}"
        return 1
    }
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
    else
        return 1
    fi
}

# --- Node ---

has_node() {
    local version
    version=$(node --version 2>/dev/null) && npm --version >/dev/null 2>&1 || return 1
    version=${version#v}
    [ "${version%%.*}" -ge 18 ]
}

# npm of this machine; where there is no Node 18 or newer, the one that PyPI carries, in an environment of its own.
npm_command() {
    if has_node; then
        npm "$@"
        return
    fi
    is_our_venv .venv/node || make_venv .venv/node
    .venv/node/bin/python -m pip install --quiet --require-hashes -r .ci/requirements-node.txt
    PATH="$PWD/.venv/node/bin:$PATH" .venv/node/bin/npm "$@"
}
