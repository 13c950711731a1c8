"""The architecture, kept true: layers, who may draw, a light door, small pieces, and no path of a
machine.
"""

from __future__ import annotations

import ast
import csv
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "oxysim"
MODULES = sorted(SOURCE.rglob("*.py"))
FILE_LINES = 400
FUNCTION_LINES = 50
USUAL_FUNCTION_LINES = 25  # at the 90th percentile


def _python(code: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a fresh interpreter at the repository's root, with the source
    tree importable.
    """
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )


def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


def _imported(tree: ast.Module) -> list[tuple[str, list[str]]]:
    """Each import anywhere in a file, inside functions too: (module, names taken from it)."""
    found: list[tuple[str, list[str]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, []) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(
                ("." * node.level + (node.module or ""), [alias.name for alias in node.names])
            )
    return found


def _functions() -> list[tuple[str, int]]:
    """Every function of the package with its lines of code, its docstring not counted."""
    lengths = []
    for module in MODULES:
        for node in ast.walk(_tree(module)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = (
                    node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
                )
                lines = (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0
                lengths.append((f"{module.relative_to(ROOT)}:{node.lineno} {node.name}", lines))
    return lengths


def _repository_files() -> list[Path]:
    """The tracked files; in a copy without git, every file outside hidden folders."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return [
            ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()
        ]
    return [
        p
        for p in ROOT.rglob("*")
        if p.is_file() and not any(s.startswith(".") for s in p.relative_to(ROOT).parts)
    ]


def test_import_contract_is_honoured() -> None:
    done = _python(
        "import sys; from importlinter.cli import lint_imports;"
        " sys.exit(lint_imports(no_cache=True))"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_only_the_plots_import_matplotlib() -> None:
    plots = [SOURCE / "plots", SOURCE / "plots.py"]
    outside = [
        module
        for module in MODULES
        if not any(place in (module, *module.parents) for place in plots)
    ]
    drawing = [
        str(module.relative_to(ROOT))
        for module in outside
        if any(
            name.split(".")[0] in {"matplotlib", "mpl_toolkits"}
            for name, _ in _imported(_tree(module))
        )
    ]
    assert drawing == []


def test_no_module_imports_the_package_root() -> None:
    submodules = {path.stem for path in SOURCE.glob("*.py")} | {
        path.parent.name for path in SOURCE.glob("*/*.py")
    }
    offenders = []
    for module in MODULES:
        if module == SOURCE / "__init__.py":
            continue
        for name, taken in _imported(_tree(module)):
            # `from oxysim import units` names a module of the package, not something that the door
            # re-exports
            if name == "oxysim" and not (taken and set(taken) <= submodules):
                offenders.append(
                    f"{module.relative_to(ROOT)} imports {name}:"
                    f" {', '.join(taken) or 'the root itself'}"
                )
    assert offenders == []


def test_importing_the_package_loads_only_numpy_and_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import oxysim; "
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    done = _python(code)
    assert done.returncode == 0, done.stderr
    # Compiled parts of NumPy register Cython's own bookkeeping modules beside it.
    loaded = {
        name for name in done.stdout.split() if not name.startswith(("cython_runtime", "_cython"))
    }
    assert loaded - set(sys.stdlib_module_names) <= {"oxysim", "numpy"}
    assert not loaded & {"scipy", "matplotlib", "xarray", "pandas", "tqdm"}


PUBLIC = """
Absence Crossover Crying DailyCrying DailyLife Dyad Endpoint Ensemble Factorial Family
Feed ImplausibleValueWarning IntravenousBolus LifeEvents Massage NasalSpray Parallel
Placebo Play PlaySession Population Result Routine SkinToSkin Sleep Solver Study Talk
Together Touch Trial Visit cohorts combine edge_table ensembles evidence fit fitting interventions
loop measure measures noncompartmental observations outcomes parameter_table plots population power
protocols provenance scoreboard simulate sweep sweeps trials
"""


def test_the_public_names_change_only_on_purpose() -> None:
    assert sorted(importlib.import_module("oxysim").__all__) == PUBLIC.split()


def test_every_public_name_is_importable_and_documented() -> None:
    package = importlib.import_module("oxysim")
    names = package.__all__
    assert names, "the package's door lists no public name"
    assert len(set(names)) == len(names)
    missing = [name for name in names if not hasattr(package, name)]
    assert missing == []
    # A plain value such as __version__ cannot hold a docstring; "Name(field, ...)" is what Python
    # writes by itself.
    objects = {name: getattr(package, name) for name in names}
    undocumented = [
        name
        for name, thing in objects.items()
        if not isinstance(thing, str | int | float)
        and ((thing.__doc__ or "").strip() == "" or (thing.__doc__ or "").startswith(f"{name}("))
    ]
    assert undocumented == []


def test_files_are_short() -> None:
    long = {}
    for module in MODULES:
        lines = len(module.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES:
            long[str(module.relative_to(ROOT))] = lines
    assert long == {}


def test_functions_are_short() -> None:
    functions = _functions()
    assert {name: lines for name, lines in functions if lines > FUNCTION_LINES} == {}
    lengths = sorted(lines for _, lines in functions)
    assert lengths[int(0.9 * (len(lengths) - 1))] <= USUAL_FUNCTION_LINES


def test_every_source_has_a_key_of_its_own() -> None:
    with (SOURCE / "data" / "sources.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    keys = [row["key"] for row in rows]
    assert len(set(keys)) == len(keys)
    assert "assumption" in keys
    assert all(re.fullmatch(r"[a-z][a-z0-9]*", key) for key in keys)
    assert all(
        row["citation"].strip() and None not in row.values() and None not in row for row in rows
    )


# Folders at the root of a machine; put together here so that this file does not find itself.
@pytest.mark.parametrize("folder", ["work", "farm", "root", "home", "Users", "opt", "mnt"])
def test_no_path_of_a_machine_in_the_repository(folder: str) -> None:
    pattern = re.compile(rf"(?<![\w.\-]){'/'}{folder}/".encode())
    holding = [
        str(path.relative_to(ROOT))
        for path in _repository_files()
        if pattern.search(path.read_bytes())
    ]
    assert holding == []


def test_every_folder_of_the_source_has_its_folder_of_tests() -> None:
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    without = {name for name in folders if not list((ROOT / "tests" / name).glob("test_*.py"))}
    assert not without, f"no tests/<folder>/test_*.py for {sorted(without)}"


def test_tests_take_what_they_share_from_support_and_not_from_each_other() -> None:
    taken = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for module, names in _imported(_tree(path))
        if module.split(".")[0] == "tests"
        and any(name.startswith("test_") for name in (*module.split("."), *names))
    ]
    assert not taken, taken
