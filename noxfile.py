"""Every check of the repository, each in an environment of its own: `nox --list` names them.

    nox                      # what a pull request needs: lint, short tests, docs
    nox -s tests-3.12        # the short tests on one Python; `nox -s tests` on all that are here
    nox -s tests-3.11 -- tests/schedule -k dose   # what stands after -- goes to pytest
    nox --no-venv -s lint    # in the environment that is active, installing nothing

A session for a Python that is not on this machine is skipped with a line that says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
OLDEST, *NEWER = PYTHONS = ["3.11", "3.12", "3.13"]
nox.options.default_venv_backend = "uv|virtualenv"  # uv where it is installed: seconds for minutes
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", f"tests-{OLDEST}", "docs"]

# The pages' own tests, and the examples in docstrings; the rest of tests/ is no matter of docs.
DOCS = [f"tests/architecture/test_{name}.py" for name in ("pages", "readme", "changelog")]
DOCS.append("tests/architecture/test_docstring_examples.py")

# What a wheel must be able to do in an empty environment.
FIRST_RUN = """
import oxysim as ox
result = ox.simulate(ox.Dyad.symptomatic(), ox.Routine.typical(), "2 h")
print(ox.__version__, float(result["caregiver.epds"][-1]), len(ox.parameter_table()), "parameters")
"""


def show_pyenv_versions() -> None:
    """Put on the path what a dead shim of pyenv stands for.

    pyenv leaves a `python3.12` that fails unless that version is switched on; nox would take the
    shim for an interpreter and fail where it ought to run, or to skip.
    """
    for version in PYTHONS:
        command = shutil.which(f"python{version}")
        works = command and not subprocess.run([command, "-c", ""], capture_output=True).returncode
        folders = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin"))
        if folders and not works:
            os.environ["PATH"] = os.pathsep.join((str(folders[-1]), os.environ["PATH"]))


def extra(name: str, *packages: str) -> list[str]:
    """The requirements of `packages` as the extra `name` of pyproject.toml bounds them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    rows = project["optional-dependencies"][name]
    picked = [row for row in rows if any(row.startswith(package) for package in packages)]
    assert len(picked) >= len(packages), f"not all of {packages} are in the extra {name}: {rows}"
    return picked


show_pyenv_versions()


@nox.session(python=OLDEST)
def lint(session: nox.Session) -> None:
    """Ruff, mypy, the import contracts and the spelling: what .ci/run checks without running."""
    tools = extra("dev", "ruff", "mypy", "import-linter", "codespell")
    session.install("-e", ".", *tools)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("lint-imports")
    session.run("codespell")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The short tests, on every core."""
    session.install("-e", ".[test]")
    session.run("pytest", *(session.posargs or ["-n", "auto"]))


@nox.session(python=OLDEST)
def long(session: nox.Session) -> None:
    """The long tests: accuracy over weeks, random cases, every protocol in full."""
    session.install("-e", ".[test]")
    session.run("pytest", "-m", "long", *session.posargs)


@nox.session(python=OLDEST)
def goldens(session: nox.Session) -> None:
    """What the library answers, held against tests/golden/; `-- --quick` for a minute of it."""
    session.install("-e", ".[test]")
    session.run("python", "scripts/update_golden.py", "--check", *session.posargs)


@nox.session(python=OLDEST)
def docs(session: nox.Session) -> None:
    """Links, blocks of README, examples in docstrings, and the scoreboard's page: is it of now?

    There is no built site yet: when there is one, it is built here, warnings as errors.
    """
    session.install("-e", ".[test]")
    session.run("pytest", "-m", "long or not long", *DOCS, *session.posargs)


@nox.session(python=OLDEST)
def benchmarks(session: nox.Session) -> None:
    """The tracked benchmarks once each, so that none is broken; `benchmarks/README.md` for more."""
    session.install("-e", ".[all]", *extra("dev", "asv"))
    session.run("asv", "machine", "--yes")
    session.run("asv", "check", "--python=same")
    session.run("asv", "run", "--python=same", "--quick", "--show-stderr", *session.posargs)


@nox.session(python=OLDEST, venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """The short tests with the lowest version of every dependency that pyproject.toml admits."""
    session.run_install(
        "uv", "pip", "install", "--resolution", "lowest-direct", "-e", ".[test]", external=True
    )
    session.run("pytest", *(session.posargs or ["-n", "auto"]))


@nox.session(python=OLDEST)
def coverage(session: nox.Session) -> None:
    """Lines and branches that the short tests reach; fails below the ratchet of pyproject.toml."""
    session.install("-e", ".[test]", *extra("dev", "pytest-cov"))
    session.run("pytest", "--cov", *(session.posargs or ["-n", "auto"]))


@nox.session(python=OLDEST)
def mutation(session: nox.Session) -> None:
    """Does a test notice a wrong operator or number? `-- 'oxysim.statistics.*'` for a part.

    The targets and their tests stand in pyproject.toml, the survivors in docs/mutation.md.
    """
    session.install("-e", ".[test]", *extra("dev", "mutmut"))
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")


@nox.session(python=OLDEST)
def release(session: nox.Session) -> None:
    """Build the package and use it from an empty environment; RELEASE.md is the whole list."""
    # cffconvert holds jsonschema below 4, which has no place among the other tools.
    session.install(*extra("dev", "build"), "cffconvert>=2")
    session.run("cffconvert", "--validate")
    folder = Path(session.create_tmp()).resolve()
    session.run("python", "-m", "build", "--outdir", str(folder / "dist"))
    wheel = max((folder / "dist").glob("*.whl"), key=lambda file: file.stat().st_mtime)
    session.run("python", "-m", "venv", "--clear", str(folder / "empty"))
    python = str(folder / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python")
    session.run(python, "-m", "pip", "install", "--quiet", str(wheel), external=True)
    session.chdir(folder)  # away from the source tree: what answers is the wheel
    session.run(python, "-m", "oxysim", "--help", external=True)
    session.run(python, "-c", FIRST_RUN, external=True)
