"""Copy the front-end files and the letter fonts that we serve from node_modules into our own, git-ignored folders.

Only what WHITE_LIST names is copied, and only if its SHA-256 is the one committed in `.ci/assets.sha256`: a package
that changed under an unchanged name stops the set-up instead of reaching a browser or a letter.

    python .ci/assets.py --check    are all files there and right? (exit 1 if not: copy them)
    python .ci/assets.py            copy
    python .ci/assets.py --update   copy, and accept the present files as the right ones (`make lock`)
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
ACCEPTED = ROOT / ".ci" / "assets.sha256"
LOCK = "package-lock.json"
MANIFEST_NAME = "SHA256SUMS"

VENDOR = "web/static/vendor"
FONTS = "letters/assets/fonts"
TINOS = "@expo-google-fonts/tinos"

WHITE_LIST = {
    f"{VENDOR}/htmx.min.js": "htmx.org/dist/htmx.min.js",
    f"{VENDOR}/htmx.LICENSE": "htmx.org/LICENSE",
    f"{VENDOR}/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    f"{VENDOR}/bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    f"{VENDOR}/bootstrap.LICENSE": "bootstrap/LICENSE",
    f"{VENDOR}/bpmn-navigated-viewer.min.js": "bpmn-js/dist/bpmn-navigated-viewer.production.min.js",
    f"{VENDOR}/diagram-js.css": "bpmn-js/dist/assets/diagram-js.css",
    f"{VENDOR}/bpmn-js.css": "bpmn-js/dist/assets/bpmn-js.css",
    f"{VENDOR}/bpmn-js.LICENSE": "bpmn-js/LICENSE",
    f"{FONTS}/Tinos-Regular.ttf": f"{TINOS}/400Regular/Tinos_400Regular.ttf",
    f"{FONTS}/Tinos-Italic.ttf": f"{TINOS}/400Regular_Italic/Tinos_400Regular_Italic.ttf",
    f"{FONTS}/Tinos-Bold.ttf": f"{TINOS}/700Bold/Tinos_700Bold.ttf",
    f"{FONTS}/Tinos-BoldItalic.ttf": f"{TINOS}/700Bold_Italic/Tinos_700Bold_Italic.ttf",
    f"{FONTS}/Tinos.LICENSE": f"{TINOS}/LICENSE_FONT",
}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_sums(path: Path) -> dict[str, str]:
    """Read a file in the form of `sha256sum`: name -> hash. A missing file is an empty one."""
    if not path.is_file():
        return {}
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {name: digest for digest, name in pairs}


def write_sums(path: Path, sums: dict[str, str]) -> None:
    path.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())), encoding="utf-8")


def faults(accepted: dict[str, str]) -> list[str]:
    """Say what is missing or differs from the accepted hashes, one line each; empty when all is well."""
    found = []
    for name in (LOCK, *WHITE_LIST):
        path = ROOT / name
        if not path.is_file():
            found.append(f"{name}: missing")
        elif accepted.get(name) != sha256(path):
            found.append(f"{name}: not the file that .ci/assets.sha256 accepts")
    return found + [f"{name}: in .ci/assets.sha256 but not in the white list" for name in accepted.keys() - sources()]


def sources() -> set[str]:
    return {LOCK, *WHITE_LIST}


def copy() -> None:
    """Replace our folders by fresh copies, each with its own manifest in the form of `sha256sum`."""
    for folder in (VENDOR, FONTS):
        shutil.rmtree(ROOT / folder, ignore_errors=True)
        (ROOT / folder).mkdir(parents=True)
    for target, source in WHITE_LIST.items():
        shutil.copyfile(NODE_MODULES / source, ROOT / target)
    for folder in (VENDOR, FONTS):
        files = sorted(path for path in (ROOT / folder).iterdir() if path.name != MANIFEST_NAME)
        write_sums(ROOT / folder / MANIFEST_NAME, {path.name: sha256(path) for path in files})


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="copy nothing, answer by the exit code")
    action.add_argument("--update", action="store_true", help="accept what is in node_modules now")
    arguments = parser.parse_args()

    if arguments.check:
        return 1 if faults(read_sums(ACCEPTED)) else 0
    missing = [source for source in WHITE_LIST.values() if not (NODE_MODULES / source).is_file()]
    if missing:
        print(f"assets: not in node_modules: {', '.join(missing)}", file=sys.stderr)
        return 1
    copy()
    if arguments.update:
        write_sums(ACCEPTED, {name: sha256(ROOT / name) for name in sources()})
    found = faults(read_sums(ACCEPTED))
    for fault in found:
        print(f"assets: {fault}", file=sys.stderr)
    if found:
        print("assets: if the change is wanted, `make lock` accepts it", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
