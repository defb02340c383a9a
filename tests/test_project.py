"""One list of versions, one kind of row ends: what the files around the code say agrees."""

from __future__ import annotations

import csv
import io
import pkgutil
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from analysis import paths

PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {"linux": ("Linux", "posix"), "darwin": ("Darwin", "posix"), "win32": ("Windows", "nt")}


def project() -> dict[str, Any]:
    """Return what pyproject.toml says of the project."""
    return tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def dependencies() -> list[Requirement]:
    """Return every dependency of the project, those of its tests included."""
    parts = [project()["dependencies"], project()["optional-dependencies"]["test"]]
    return [Requirement(line) for part in parts for line in part]


def locked() -> list[tuple[Requirement, list[str]]]:
    """Return the requirements of the lock and the hashes of each."""
    text = re.sub(r"(?m)^\s*#.*\n", "", paths.LOCK.read_text(encoding="utf-8")).replace("\\\n", " ")
    out = []
    for line in text.splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        out.append((Requirement(requirement), hashes))
    return out


def environments() -> list[dict[str, str]]:
    """Return every Python and system that the lock is for."""
    return [
        {
            "python_version": python,
            "python_full_version": f"{python}.7",
            "sys_platform": system,
            "platform_system": SYSTEMS[system][0],
            "os_name": SYSTEMS[system][1],
            "platform_machine": "arm64" if system == "darwin" else "x86_64",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "extra": "",
        }
        for python in PYTHONS
        for system in SYSTEMS
    ]


def pins(environment: dict[str, str]) -> dict[str, str]:
    """Return the version of each package in one environment; fail if there are two."""
    out: dict[str, str] = {}
    for requirement, _ in locked():
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            name = canonicalize_name(requirement.name)
            assert name not in out, (name, environment)
            out[name] = pin.version
    return out


# Versions -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", environments(), ids=lambda it: f"{it['python_version']}-{it['sys_platform']}")
def test_the_lock_holds_every_dependency_within_its_bounds_for_every_python_and_system(
    environment: dict[str, str],
) -> None:
    found = pins(environment)
    for requirement in dependencies():
        name = canonicalize_name(requirement.name)
        assert name in found, name
        assert requirement.specifier.contains(found[name]), (name, found[name])


def test_numbers_come_from_one_version_of_numpy_and_scipy_everywhere() -> None:
    everywhere = [pins(environment) for environment in environments()]
    for name in ("numpy", "scipy"):
        assert len({found[name] for found in everywhere}) == 1


def test_every_requirement_of_the_lock_has_hashes() -> None:
    assert len(locked()) > 100
    for requirement, hashes in locked():
        assert hashes, requirement.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement.name
        assert requirement.url is None


def test_the_lock_names_no_index_and_no_host() -> None:
    text = paths.LOCK.read_text(encoding="utf-8")
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|^-", text, re.MULTILINE)


def test_the_environment_of_this_run_is_what_the_lock_says() -> None:
    names = {canonicalize_name(requirement.name) for requirement in dependencies()}
    pinned = {name: set() for name in names}
    for requirement, _ in locked():
        if canonicalize_name(requirement.name) in names:
            pinned[canonicalize_name(requirement.name)] |= {pin.version for pin in requirement.specifier}
    assert {name: version(name) for name in names if version(name) not in pinned[name]} == {}


def test_environment_yml_holds_python_pip_and_the_lock() -> None:
    environment = yaml.safe_load((paths.ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, rest = environment["dependencies"]
    name, _, asked = python.partition("=")
    assert (name, pip, rest) == ("python", "pip", {"pip": ["-r requirements.lock"]})
    assert Version(f"{asked}.0") in SpecifierSet(project()["requires-python"])


def test_the_checks_run_on_every_python_that_the_project_promises() -> None:
    promised = SpecifierSet(project()["requires-python"])
    assert [minor for minor in range(5, 20) if Version(f"3.{minor}.0") in promised] == [11, 12, 13]
    workflow = yaml.safe_load((paths.ROOT / ".github" / "workflows" / "study.yml").read_text(encoding="utf-8"))
    assert tuple(workflow["jobs"]["test"]["strategy"]["matrix"]["python"]) == PYTHONS
    assert {"run": "make test"} in workflow["jobs"]["test"]["steps"]


def test_make_sets_up_from_the_lock_and_checks_the_figures() -> None:
    makefile = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in makefile
    assert "--no-deps --editable ." in makefile
    for line in ("vantage run", "pytest", "ruff check", "lint-imports"):
        assert f"$(BIN)/{line}" in makefile


def test_the_version_is_told_alike() -> None:
    citation = yaml.safe_load((paths.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project()["version"] == version("vantage-study")
    assert citation["license"] == project()["license"]
    assert f"## {project()['version']}" in (paths.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


# Files ----------------------------------------------------------------------------------------------------------------


def test_row_ends_do_not_depend_on_the_system_of_a_checkout() -> None:
    lines = (paths.ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "* text=auto eol=lf"
    assert "*.png binary" in lines
    assert not [line for line in lines if "eol=crlf" in line]


def test_what_a_run_leaves_is_not_committed() -> None:
    ignored = (paths.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"runs/", ".venv/", "__pycache__/"} <= set(ignored)
    assert "figures/" not in ignored


@pytest.mark.parametrize("path", sorted(paths.DATA.glob("*.csv")), ids=lambda path: path.name)
def test_data_is_plain_utf8_with_one_kind_of_row_ends(path: Path) -> None:
    data = path.read_bytes()
    text = data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert data.endswith(b"\n")
    assert not data.endswith(b"\n\n")
    assert "\0" not in text
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert all(name and name == name.strip() for name in rows[0])


def test_every_file_of_data_is_described() -> None:
    text = (paths.DATA / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted(paths.DATA.glob("*.csv")) if f"`{path.name}`" not in text] == []


def test_the_guide_names_modules_that_are_there() -> None:
    guide = (paths.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    there = [path.as_posix() for room in ("analysis", "tests") for path in (paths.ROOT / room).rglob("*.py")]
    named = re.findall(r"`([\w/]+\.py)`", guide)
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in there)] == []


def test_what_docstrings_refer_to_is_there() -> None:
    lost = []
    for path in sorted((paths.ROOT / "analysis").rglob("*.py")):
        for name in re.findall(r"`(analysis\.[\w.]+)`", path.read_text(encoding="utf-8")):
            try:
                pkgutil.resolve_name(name)
            except (ImportError, AttributeError):
                lost.append(f"{path.name}: {name}")
    assert lost == []


def test_the_pictures_of_the_constructed_example_are_shown_and_small() -> None:
    pictures = sorted((paths.ROOT / "docs" / "example").glob("*.png"))
    assert len(pictures) == 7
    assert sum(path.stat().st_size for path in pictures) < 1_500_000
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("constructed data\n")[2].partition("\n## ")[0]
    assert [path.name for path in pictures if f"](docs/example/{path.name})" not in section] == []


def test_what_one_command_or_benchmark_alone_uses_is_in_no_other_extra_nor_in_the_lock() -> None:
    extras = project()["optional-dependencies"]
    assert set(extras) == {"test", "bench", "cluster", "models"}
    assert set(extras["cluster"]) <= set(extras["test"])  # it is tested
    alone = {canonicalize_name(name) for extra in ("bench", "models") for name in extras[extra]}
    assert not alone & {canonicalize_name(r.name) for r, _ in locked()}


#: What notebooks call may read what the study names: its Parquet tables, the user's attributes, claims, the checks.
_READERS = {"attributes", "claims", "concepts", "dataset"}


@pytest.mark.parametrize(
    "module",
    [path for path in sorted((paths.ROOT / "analysis" / "compare").glob("*.py")) if path.stem not in _READERS],
    ids=lambda path: path.stem,
)
def test_what_compares_reads_no_file(module: Path) -> None:
    found = re.findall(
        r"\b(?:open|read_text|read_bytes|read_csv|read_rows|read_table)\(|import paths", module.read_text("utf-8")
    )
    assert not found
