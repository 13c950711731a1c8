"""How legible a package is, in figures that can be compared before and after a change::

    python scripts/legibility.py
    python scripts/legibility.py src/oxysim --json after.json
    python scripts/legibility.py --compare docs/legibility_before.json
    python scripts/legibility.py --compare docs/legibility_before.json --page docs/legibility.md
    python scripts/legibility.py --list

The figures come from `ast` and `tokenize`; only the names of the doors, their examples and the
modules that a leaf loads need an import, in a fresh interpreter; import circles come from grimp.

- Code line: a line that holds a token other than a comment or a docstring; a text over three lines
  is three. Token: a token of Python's tokenizer, but for comments, docstrings, new lines, indents.
- Comments: comment tokens, trailing ones too, for 100 lines of code.
- Vague names: names assigned (also by a loop, a comprehension, ``with`` or ``:=``) and parameters
  that stand in `VAGUE`: words that say nothing of what is held. `--list` shows where they are.
- Example: a docstring with ``>>>``. The door is ``__all__`` of the package; public packages are the
  modules in it. A data object without a docstring of its own (a dictionary) needs none.
- Public names twice: functions and classes at the top level of two modules, without those in
  `REPEATED_BY_DESIGN`.
- Import circles: modules that import each other, imports inside functions and under
  ``TYPE_CHECKING`` included.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import os
import statistics
import subprocess
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "src" / "oxysim"

VAGUE = frozenset(
    "found own one given kept held said meant wanted shown made what who how here there part place "
    "known left told alike apart now each every other others which".split()
)

# Names that several modules bear because each of them plays the same part: the reason stands beside
# the name, and the folder in which it holds. An empty folder: anywhere.
REPEATED_BY_DESIGN: dict[str, tuple[str, str]] = {
    "rate": ("mechanisms", "every mechanism with a state has its rate of change"),
    "Edges": ("mechanisms", "every mechanism lists the edges that it receives"),
    "Parameters": ("mechanisms", "every mechanism lists its parameters"),
    "State": ("mechanisms", "every mechanism with a state lists its row"),
    "plasma_rate": ("mechanisms", "the caregiver's and the infant's oxytocin have the same parts"),
    "central_rate": ("mechanisms", "the caregiver's and the infant's oxytocin have the same parts"),
    "evoked": ("mechanisms", "the caregiver's and the infant's oxytocin have the same parts"),
    "scoreboard": ("plots", "a figure bears the name of what it draws"),
    "effect_table": ("plots", "a figure bears the name of what it draws"),
    "one_at_a_time": ("plots", "a figure bears the name of what it draws"),
    "add": ("cli", "every verb adds its parser"),
    "run": ("cli", "every verb runs"),
}

# Folders that hold one file for each thing of a kind: they grow with the science, not with the
# craft.
ONE_FILE_EACH = frozenset({"mechanisms", "protocols"})

# Modules that should load little, by basename, so that a move to another folder changes nothing
# here.
LEAVES: dict[str, tuple[str, ...]] = {
    "statistics of two groups": ("two_groups",),
    "the mechanism of depression": ("depression",),
    "timing of a schedule": ("timing",),
    "the spray": ("spray",),
    "continuation of equilibria": ("continuation",),
    "style of figures": ("style",),
}

SAYS_SOMETHING = 5  # lines of code: a shorter file (a door, an empty __init__) has no typical line
FULLEST = 40  # files that --list shows

NO_TOKEN = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


@dataclass(frozen=True)
class Module:
    """A source file, parsed once."""

    package: Path
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def inside(self) -> str:
        """The path below the package."""
        return self.path.relative_to(self.package).as_posix()

    @property
    def dotted(self) -> str:
        """The name that an import writes."""
        parts = self.path.relative_to(self.package.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def folder(self) -> str:
        return self.path.parent.relative_to(self.package.parent).as_posix()

    @cached_property
    def docstring_places(self) -> set[tuple[int, int]]:
        """Where docstrings begin, as the tokenizer counts: (line, column)."""
        places = set()
        for node in self.nodes:
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                if ast.get_docstring(node, clean=False) is not None:
                    places.add((node.body[0].lineno, node.body[0].col_offset))
        return places

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        return list(tokenize.generate_tokens(io.StringIO(self.text).readline))

    @cached_property
    def code_tokens(self) -> list[tokenize.TokenInfo]:
        places = self.docstring_places
        return [t for t in self.tokens if t.type not in NO_TOKEN and t.start not in places]

    @cached_property
    def code_lines(self) -> set[int]:
        return {n for t in self.code_tokens for n in range(t.start[0], t.end[0] + 1)}

    @property
    def comments(self) -> int:
        return sum(t.type == tokenize.COMMENT for t in self.tokens)

    @property
    def tokens_a_line(self) -> float:
        return len(self.code_tokens) / max(1, len(self.code_lines))

    @property
    def line_count(self) -> int:
        return len(self.text.splitlines())

    @property
    def public(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
        """Functions and classes at the top level whose names begin with no underscore; a function
        with overloads once, where it is written out.
        """
        defined = [node for node in self.tree.body if isinstance(node, DEFINITIONS)]
        written = [
            node
            for node in defined
            if "overload" not in [ast.unparse(mark) for mark in node.decorator_list]
        ]
        return [node for node in written if not node.name.startswith("_")]


def modules_of(package: Path) -> list[Module]:
    """Every module below a package's folder.

    >>> any(module.inside == "__init__.py" for module in modules_of(PACKAGE))
    True
    """
    return [Module(package, path) for path in sorted(package.rglob("*.py"))]


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie; linear between two.

    >>> quantile([1.0, 2.0, 3.0], 0.5)
    2.0
    """
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(100 * share) - 1]


# ---------------------------------------------------------------------------------- lines and names
def assigned(module: Module) -> Iterator[tuple[str, int]]:
    """Every name that is assigned in a module, with its line."""
    for node in module.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, node.lineno
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name, node.lineno


def parameters(module: Module) -> Iterator[tuple[str, int]]:
    """Every parameter of a function in a module, with its line."""
    for node in module.nodes:
        if isinstance(node, ast.arg):
            yield node.arg, node.lineno


def vague(module: Module) -> list[tuple[str, int]]:
    """The assigned names and parameters of a module that say nothing of what they hold."""
    names = [*assigned(module), *parameters(module)]
    return sorted(((n, line) for n, line in names if n in VAGUE), key=lambda item: item[1])


def function_lines(modules: list[Module]) -> list[float]:
    """Lines of every function, its docstring not counted."""
    lengths = []
    for module in modules:
        for node in module.nodes:
            if isinstance(node, FUNCTIONS):
                documented = ast.get_docstring(node, clean=False) is not None
                body = node.body[1:] if documented else node.body
                end = node.end_lineno or node.lineno
                lengths.append(float(end - body[0].lineno + 1 if body else 0))
    return lengths


# -------------------------------------------------------------------------------------- names twice
def public_names_twice(modules: list[Module]) -> dict[str, list[str]]:
    """Public functions and classes of one name in two modules, with the modules."""
    homes: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        for name in {node.name for node in module.public}:
            folder = REPEATED_BY_DESIGN.get(name, (None, ""))[0]
            if folder is None or folder not in module.path.parts:
                homes[name].append(module.dotted)
    return {name: places for name, places in sorted(homes.items()) if len(places) > 1}


def basenames_twice(modules: list[Module]) -> dict[str, list[str]]:
    """Files of one name in two folders; ``__init__`` may repeat."""
    homes: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        if module.path.stem != "__init__":
            homes[module.path.stem].append(module.dotted)
    return {name: places for name, places in sorted(homes.items()) if len(places) > 1}


def folders(modules: list[Module]) -> dict[str, tuple[int, int]]:
    """Modules (``__init__`` not counted) and lines of every folder."""
    table: dict[str, tuple[int, int]] = {}
    for module in modules:
        count, lines = table.get(module.folder, (0, 0))
        count += module.path.stem != "__init__"
        table[module.folder] = (count, lines + module.line_count)
    return dict(sorted(table.items()))


# ------------------------------------------------------------------------------------------ imports
def import_circles(package: Path) -> list[list[str]]:
    """Groups of modules that import each other, imports for types and inside functions included."""
    import grimp
    import numpy as np
    from scipy import sparse
    from scipy.sparse import csgraph

    sys.path.insert(0, str(package.parent))
    try:
        graph = grimp.build_graph(package.name, cache_dir=None)
    finally:
        sys.path.remove(str(package.parent))
    names = sorted(graph.modules)
    number = {name: i for i, name in enumerate(names)}
    pairs = [
        (number[name], number[target])
        for name in names
        for target in graph.find_modules_directly_imported_by(name)
    ]
    starts, ends = np.array(pairs).T
    matrix = sparse.coo_array((np.ones(len(pairs)), (starts, ends)), shape=2 * (len(names),))
    _, labels = csgraph.connected_components(matrix, directed=True, connection="strong")
    groups: dict[int, list[str]] = defaultdict(list)
    for name, label in zip(names, labels, strict=True):
        groups[int(label)].append(name)
    return sorted(group for group in groups.values() if len(group) > 1)


IN_FRESH_INTERPRETER = """
import importlib, inspect, json, sys, types
name, leaves = sys.argv[1], json.loads(sys.argv[2])
loads = {}
for label, leaf in leaves.items():
    for loaded in [m for m in sys.modules if m.split(".")[0] == name]:
        del sys.modules[loaded]
    importlib.import_module(leaf)
    loads[label] = sum(m.split(".")[0] == name for m in sys.modules)
door = importlib.import_module(name)
def examples(module):
    table = {}
    for public in getattr(module, "__all__", []):
        thing = inspect.unwrap(getattr(module, public))
        if not (callable(thing) or isinstance(thing, types.ModuleType)):
            continue
        table[public] = ">>>" in (getattr(thing, "__doc__", None) or "")
    return table
packages = [n for n in door.__all__ if isinstance(getattr(door, n), types.ModuleType)]
print(json.dumps({
    "loads": loads,
    "door": examples(door),
    "packages": {n: examples(getattr(door, n)) for n in packages},
}))
"""


def leaves_of(modules: list[Module]) -> dict[str, str]:
    """The modules of `LEAVES` where they stand today."""
    places = {module.path.stem: module.dotted for module in modules}
    return {
        label: places[stem] for label, stems in LEAVES.items() for stem in stems if stem in places
    }


def imported(package: Path, modules: list[Module]) -> dict[str, Any]:
    """What only an import tells: modules loaded by a leaf, examples of the names of the doors."""
    leaves = json.dumps(leaves_of(modules))
    command = [sys.executable, "-c", IN_FRESH_INTERPRETER, package.name, leaves]
    path = os.pathsep.join([str(package.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    if done.returncode:
        raise RuntimeError(f"{package.name} cannot be imported:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


# ---------------------------------------------------------------------------------------- together
def share(count: float, whole: float) -> float:
    return 100.0 * count / max(1.0, whole)


def lines_and_names(modules: list[Module]) -> dict[str, float]:
    """The figures of lines, tokens, comments and names."""
    code = sum(len(module.code_lines) for module in modules)
    tokens = sum(len(module.code_tokens) for module in modules)
    widths = [float(len(line)) for m in modules for line in m.text.splitlines() if line.strip()]
    by_file = [m.tokens_a_line for m in modules if len(m.code_lines) >= SAYS_SOMETHING]
    names = [name for module in modules for name, _ in assigned(module)]
    arguments = [name for module in modules for name, _ in parameters(module)]
    empty = sum(name in VAGUE for name in names)
    return {
        "files": len(modules),
        "lines": sum(module.line_count for module in modules),
        "code lines": code,
        "tokens of code": tokens,
        "tokens a line of code": tokens / max(1, code),
        "tokens a line, median file": quantile(by_file, 0.5),
        "tokens a line, 90th percentile file": quantile(by_file, 0.9),
        "width of a line, 90th percentile": quantile(widths, 0.9),
        "comments per 100 lines of code": share(sum(m.comments for m in modules), code),
        "vague names, % of names assigned": share(empty, len(names)),
        "vague names assigned": empty,
        "vague parameters, % of parameters": share(
            sum(name in VAGUE for name in arguments), len(arguments)
        ),
        "vague parameters": sum(name in VAGUE for name in arguments),
    }


def sizes(modules: list[Module]) -> dict[str, float]:
    """The figures of functions, names twice and folders."""
    lengths = function_lines(modules)
    public = [node for module in modules for node in module.public]
    documented = sum(">>>" in (ast.get_docstring(node) or "") for node in public)
    return {
        "lines of a function, median": quantile(lengths, 0.5),
        "lines of a function, 90th percentile": quantile(lengths, 0.9),
        "lines of a function, most": max(lengths),
        "public functions and classes": len(public),
        "of them with an example, %": share(documented, len(public)),
        "public names twice": len(public_names_twice(modules)),
        "basenames twice": len(basenames_twice(modules)),
        "modules in the largest folder": max(
            count
            for folder, (count, _) in folders(modules).items()
            if Path(folder).name not in ONE_FILE_EACH
        ),
    }


def figures(package: Path = PACKAGE) -> dict[str, Any]:
    """Every figure of a package, as it is printed and stored."""
    modules = modules_of(package)
    runtime = imported(package, modules)
    members = [has for table in runtime["packages"].values() for has in table.values()]
    circles = import_circles(package)
    return {
        "figures": {
            **lines_and_names(modules),
            **sizes(modules),
            "names of the door with an example, %": share(
                sum(runtime["door"].values()), len(runtime["door"])
            ),
            "names of public packages with an example, %": share(sum(members), len(members)),
            "import circles, types included": len(circles),
            "modules in a circle": sum(map(len, circles)),
            **{f"modules loaded by {label}": n for label, n in runtime["loads"].items()},
        },
        "folders": folders(modules),
        "vague names": dict(Counter(n for m in modules for n, _ in vague(m)).most_common()),
        "public names twice": public_names_twice(modules),
        "basenames twice": basenames_twice(modules),
        "import circles": circles,
        "door without an example": sorted(n for n, has in runtime["door"].items() if not has),
    }


def written(value: Any) -> str:
    """A figure as text: whole numbers as they are, others with one decimal.

    >>> written(1234), written(11.06), written(None)
    ('1,234', '11.1', '-')
    """
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return " / ".join(written(entry) for entry in value)
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.1f}"
    return f"{round(value):,}"


def table(columns: Mapping[str, Mapping[str, Any]], first: str) -> str:
    """Columns of figures side by side, as a table that Markdown reads too."""
    keys = list(dict.fromkeys(key for column in columns.values() for key in column))
    rows = [[first, *columns]]
    rows += [[key, *(written(column.get(key)) for column in columns.values())] for key in keys]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) + " |"
        for row in rows
    ]
    ruler = (
        "|" + "|".join(["-" * (widths[0] + 2), *("-" * (w + 1) + ":" for w in widths[1:])]) + "|"
    )
    return "\n".join([lines[0], ruler, *lines[1:]])


def tables(current: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The tables that are printed: (title, table)."""
    titles = {"figures": "figure", "folders": "folder"}
    titled = []
    for key, first in titles.items():
        columns = (
            {"now": current[key]}
            if before is None
            else {"before": before[key], "after": current[key]}
        )
        titled.append((key.capitalize(), table(columns, first)))
    return titled


PAGE = """# How legible the code is

Written by
`python scripts/legibility.py --compare docs/legibility_before.json --page docs/legibility.md`;
what each figure counts stands at the head of that script. Before: the code as it was when the
rebuilding began. After: the code when this page was written. The figures are kept by
`tests/architecture/test_legibility.py`: they may only get better.

"""


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", nargs="?", type=Path, default=PACKAGE, help="a package's folder")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--compare", type=Path, help="a file of --json to stand beside")
    parser.add_argument("--page", type=Path, help="write the tables to this Markdown page")
    parser.add_argument(
        "--list", action="store_true", help="list vague names, full files, names twice"
    )
    return parser.parse_args()


def print_list(package: Path, current: Mapping[str, Any]) -> None:
    """Where vague names stand, the fullest files, and what stands twice."""
    for module in modules_of(package):
        names = vague(module)
        if names:
            print(f"{module.inside}: {len(names)}")
            print("   ", ", ".join(f"{name} {line}" for name, line in names))
    print("\ntokens a line of code, comments per 100 of them: the fullest files")
    modules = [module for module in modules_of(package) if len(module.code_lines) >= SAYS_SOMETHING]
    for module in sorted(modules, key=lambda module: -module.tokens_a_line)[:FULLEST]:
        comments = share(module.comments, len(module.code_lines))
        print(f"    {module.tokens_a_line:5.1f} {comments:5.1f}  {module.inside}")
    for key in ("public names twice", "basenames twice"):
        print(f"\n{key}")
        for name, places in current[key].items():
            print(f"    {name}: {', '.join(places)}")
    print("\nimport circles")
    for circle in current["import circles"]:
        print("   ", ", ".join(circle))


def main() -> None:
    """Print, write or compare the figures of a package."""
    arguments = parsed_arguments()
    package = arguments.root.resolve()
    current = figures(package)
    if arguments.json:
        arguments.json.write_text(json.dumps(current, indent=1) + "\n", encoding="utf-8")
    before = json.loads(arguments.compare.read_text("utf-8")) if arguments.compare else None
    titled = tables(current, before)
    if arguments.page:
        body = "\n\n".join(f"## {title}\n\n{text}" for title, text in titled)
        folder_note = "A folder's two numbers: modules (without `__init__`) and lines.\n"
        arguments.page.write_text(f"{PAGE}{body}\n\n{folder_note}", encoding="utf-8")
    print("\n\n".join(text for _, text in titled))
    if arguments.list:
        print_list(package, current)


if __name__ == "__main__":
    main()
