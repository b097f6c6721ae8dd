"""The rooms and the direction between them, and how long and how plain the code may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

MAY_IMPORT = {
    "ontology": set(),
    "loaders": {"ontology"},
    "graph": {"ontology"},
    "queries": {"ontology", "graph"},
    "visualisations": {"ontology", "graph", "queries"},
}
ROOMS = [*MAY_IMPORT, "cli"]
HEAVY = {
    "polars",
    "ladybug",
    "networkx",
    "numpy",
    "scipy",
    "rdflib",
    "pyoxigraph",
    "pyvis",
    "jinja2",
    "rich",
}
OPENERS = {"open", "read_text", "write_text"}
CLOCKS = {"datetime.now", "datetime.today", "date.today", "time.time", "datetime.datetime.now"}

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
NINETY_NINE_IN_A_HUNDRED = 35
NINE_IN_TEN = 20

REPOSITORY = Path(__file__).resolve().parents[1]


def module_name(path: Path) -> str:
    """The name it is imported by: `icsgraph.graph.store`; `icsgraph.graph` for a room's face."""
    parts = ["icsgraph", *path.relative_to(REPOSITORY).with_suffix("").parts]
    return ".".join(parts).removesuffix(".__init__")


def room_of(name: str) -> str:
    """The room of a module; `pipeline` or the like for a module of the root, blank for its face."""
    return ".".join(name.split(".")[1:2])


FILES = sorted(chain(REPOSITORY.glob("*.py"), *(REPOSITORY.glob(f"{r}/**/*.py") for r in ROOMS)))
PATHS = {module_name(path): path for path in FILES}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in PATHS.items()}


def imported_by(name: str) -> Iterator[str]:
    """Our modules that a module imports, wherever it does: in a function or for types only, too."""
    package = name.split(".") if PATHS[name].name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.ImportFrom) and node.level:
            inside = [node.module] if node.module else []
            base = ".".join([*package[: len(package) - node.level + 1], *inside])
            members = [f"{base}.{alias.name}" for alias in node.names]
            yield from (member if member in TREES else base for member in members)


def every(kind: type | tuple[type, ...]) -> Iterator[tuple[str, ast.AST]]:
    """Every syntax node of a kind, with the file and line to name in a failure."""
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield f"{PATHS[name].relative_to(REPOSITORY)}:{node.lineno}", node


def lengths() -> list[tuple[int, str]]:
    """Every function's lines, its docstring apart, shortest first."""
    found = []
    for where, node in every((ast.FunctionDef, ast.AsyncFunctionDef)):
        lines = node.end_lineno - node.lineno + 1
        if ast.get_docstring(node) is not None:
            lines -= node.body[0].end_lineno - node.body[0].lineno + 1
        found.append((lines, f"{where} {node.name}"))
    return sorted(found)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_rooms_before_it(room):
    backwards = [
        f"{name} imports {other}"
        for name in TREES
        if room_of(name) == room
        for other in imported_by(name)
        if room_of(other) not in MAY_IMPORT[room] | {room}
    ]
    assert backwards == []


def test_no_module_imports_itself_by_a_detour():
    graph = {name: set(imported_by(name)) - {name} for name in TREES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_inside_itself_the_package_is_named_by_dots():
    froms = ((where, node.module) for where, node in every(ast.ImportFrom) if not node.level)
    plain = ((where, alias.name) for where, node in every(ast.Import) for alias in node.names)
    absolute = [where for where, name in chain(froms, plain) if name.split(".")[0] == "icsgraph"]
    assert absolute == []


def test_a_module_opens_with_a_sentence():
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_no_file_is_too_long():
    sizes = {name: len(path.read_text("utf-8").splitlines()) for name, path in PATHS.items()}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_function_is_too_long():
    assert [function for function in lengths() if function[0] > LONGEST_FUNCTION] == []


@pytest.mark.parametrize(("share", "limit"), [(0.99, NINETY_NINE_IN_A_HUNDRED), (0.9, NINE_IN_TEN)])
def test_most_functions_are_short(share, limit):
    shortest_first = lengths()
    length, _where = shortest_first[int(share * len(shortest_first))]
    assert length <= limit, f"the longest are {shortest_first[-8:]}"


def exported(name: str) -> list[str] | None:
    """The `__all__` of a module, if it has one."""
    for node in TREES[name].body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return None


def constants_then_classes_then_functions(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_exported_names_are_sorted():
    """As `ruff check --select RUF022 --fix` sorts them."""
    unsorted = [
        name
        for name in TREES
        if (names := exported(name))
        and names != sorted(names, key=constants_then_classes_then_functions)
    ]
    assert unsorted == []


def test_exported_names_are_complete():
    """A module with an `__all__` names every public class and function that it defines."""
    forgotten = [
        f"{name}: {node.name}"
        for name, tree in TREES.items()
        if (names := exported(name)) is not None
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        if not node.name.startswith("_") and node.name not in names
    ]
    assert forgotten == []


def test_a_mistake_of_the_user_is_never_an_assert():
    assert [where for where, _node in every(ast.Assert)] == []


def test_no_star_imports():
    stars = [where for where, node in every(ast.ImportFrom) if node.names[0].name == "*"]
    assert stars == []


def test_text_files_name_their_encoding():
    nameless = [
        where
        for where, call in every(ast.Call)
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in OPENERS
        and "encoding" not in {keyword.arg for keyword in call.keywords}
        and not any("b" in mode for mode in modes(call))
    ]
    assert nameless == []


def modes(call: ast.Call) -> list[str]:
    """The arguments of a call that read as a file mode."""
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    texts = [arg.value for arg in given if isinstance(arg, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and set(text) <= set("rwaxbt+")]


def test_no_clock_is_read():
    """Same input, same bytes: the day of an output comes from its sources. A person who decides or
    names a release may leave the day of it to the command line."""
    clocks = [where for where, node in every(ast.Attribute) if ast.unparse(node) in CLOCKS]
    assert [where.split(":")[0] for where in clocks] == ["cli/options.py"]


@pytest.mark.parametrize("start", ["import icsgraph", "import icsgraph.cli"])
def test_heavy_libraries_load_only_where_they_are_used(start, tmp_path):
    program = f"import sys\n{start}\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
