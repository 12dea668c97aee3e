"""The set-up keeps its promises: locks name hashes and no addresses, copied files are the accepted ones."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON_LOCKS = sorted((ROOT / ".ci").glob("requirements*.txt"))
ASSET_FOLDERS = ["web/static/vendor", "letters/assets/fonts"]
LONGEST_MODULE = 400
# A table of worked cases reads well at a greater length than a piece of logic.
LONGEST_TEST_MODULE = 600
# A step of the schema is a record: written once, never changed.
RECORDS = "engine/persistence/migrations/versions/"
# Written in parts, so that this file is not one of those it looks for
REGISTRY_HOSTS = [
    "registry." + "npmjs" + ".org",
    "pypi" + ".org/simple",
    "files." + "pythonhosted" + ".org",
    "find" + "-links",
    "extra-index" + "-url",
]


def tracked_files() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files are tracked is not known")
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def sums(path: Path) -> dict[str, str]:
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in pairs}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_a_python_lock_pins_every_package_with_hashes_and_names_no_address(lock: Path):
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index|--extra-index|--find|--trusted-host)", text, re.MULTILINE)
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==", package), package.splitlines()[0]
        assert "--hash=sha256:" in package, package.splitlines()[0]


def test_there_are_locks_for_the_product_its_developers_and_its_tools():
    assert [lock.name for lock in PYTHON_LOCKS] == [
        "requirements-dev.txt",
        "requirements-node.txt",
        "requirements-uv.txt",
        "requirements.txt",
    ]


def test_the_developers_lock_is_the_products_lock_and_more():
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9][^\s;\\]+", (ROOT / ".ci" / name).read_text(encoding="utf-8"), re.MULTILINE))

    assert pins("requirements.txt") < pins("requirements-dev.txt")


def test_the_npm_lock_carries_hashes_and_no_addresses():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    for name, package in installed.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name


def test_front_end_packages_are_named_with_exact_versions():
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert wanted["htmx.org"] == "2.0.11"
    assert wanted["bootstrap"] == "5.3.9"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


@pytest.mark.parametrize("folder", ASSET_FOLDERS)
def test_copied_files_are_those_of_the_manifest_and_the_accepted_ones(folder: str):
    here = ROOT / folder
    files = {path.name: sha256(path) for path in here.iterdir() if path.name != "SHA256SUMS"}
    assert sums(here / "SHA256SUMS") == files
    accepted = sums(ROOT / ".ci" / "assets.sha256")
    assert {name: digest for name, digest in accepted.items() if name.startswith(folder)} == {
        f"{folder}/{name}": digest for name, digest in files.items()
    }


def test_no_copied_file_is_tracked():
    names = [path.relative_to(ROOT).as_posix() for path in tracked_files()]
    ignored = tuple(f"{folder}/" for folder in (*ASSET_FOLDERS, "node_modules", ".venv", "var"))
    assert not [name for name in names if name.startswith(ignored)]


def test_no_tracked_file_names_where_packages_are_downloaded():
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="replace").lower()
        found += [f"{path.relative_to(ROOT)}: {host}" for host in REGISTRY_HOSTS if host in text]
    assert found == []


def test_no_module_is_longer_than_a_person_reads():
    modules = {path.relative_to(ROOT).as_posix(): path for path in tracked_files() if path.suffix == ".py"}
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules.items()}
    assert [
        f"{name}: {lines} lines"
        for name, lines in lengths.items()
        if not name.startswith(RECORDS)
        and lines > (LONGEST_TEST_MODULE if name.startswith("tests/") else LONGEST_MODULE)
    ] == []
