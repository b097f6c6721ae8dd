"""Pages written from the code: the Python interface from its docstrings, and the questions.

`python -m icsgraph.documentation` writes what is not current; a test compares.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from .queries import spread_inputs
from .queries.catalogue import read_catalogue
from .queries.pages import WRITTEN, index_page, question_page

__all__ = ["MEASURES", "PUBLIC", "api_page", "main", "measures_page", "pages", "stale", "write"]

QUESTIONS = "docs/questions"

PUBLIC: Mapping[str, Sequence[str]] = {
    "Opening": ("session:open_graph",),
    "The graph": ("session:Graph",),
    "Answers": ("queries.answer:Answer",),
    "Answers that were kept": ("queries.measures:Measures", "queries.measures:differences"),
    "Tables": ("graph.frames:Tables",),
    "One thing": (
        *("queries.describe:Description", "queries.describe:Ties", "queries.describe:Statement"),
    ),
    "What changed": ("graph.diff:Changes", "graph.diff:diff"),
    "Questions": (
        *("queries.catalogue:Question", "queries.catalogue:Parameter", "queries.catalogue:Column"),
        *("queries.catalogue:Example", "queries.catalogue:read_catalogues"),
    ),
    "Charts": ("visualisations.charting:Chart",),
    "Engines": (
        *("graph.engines:engine", "graph.engines:Engine", "graph.engines:EngineRow"),
        "graph.sparql_text:Iri",
    ),
    "Stores and snapshots": ("graph.store:Store", "graph.snapshot:Snapshot"),
    "Errors": (
        *("ontology.errors:IcsgraphError", "ontology.errors:UsageError"),
        *("ontology.errors:UnknownName", "ontology.errors:DataError", "ontology.errors:QueryError"),
        *("ontology.errors:QuestionFault", "ontology.errors:StoreError"),
        "ontology.errors:ServiceError",
    ),
}
"""What the page of the interface tells of, in its order: `module:name` inside the package."""

MEASURES: Mapping[str, Sequence[str]] = {
    "How an innovation spread": ("diffusion", "earlier", "adoption_logit"),
    "Exposure and thresholds": ("exposure", "thresholds", "infection", "moran"),
    "More than chance?": ("permutation", "association", "structure_dependence"),
    "Time-respecting paths": ("temporal_paths", "feasible_sources"),
    "Barriers and learning": ("barriers", "co_occurrence", "similarity", "learning"),
    "Structure": ("structure",),
    "Simulation": ("simulation",),
    "Two levels, and what was not observed": ("levels", "observation"),
}
"""The modules of `queries/` whose functions take plain tables and know nothing of a graph."""

_NAMES = {"open_graph": "icsgraph.open", "Graph": "icsgraph.Graph"}
_WIDTH = 92

BEFORE = """\
What a Python program may use, with what the code itself says of it. Every example is run by the
tests. `icsgraph.open()` gives a `Graph`; all else is reached from it.
"""

MEASURES_BEFORE = """\
Plain functions on plain tables: a frame of dated ties, a frame of adoptions. They know nothing of a
graph, so they measure any network. What they mean, and what may be said of it:
[How things spread](spread.md). The questions of the catalogue call them. Every example is run by
the tests.
"""


def pages() -> dict[str, Callable[[], str]]:
    """Each page that is written from the code, as a path in the repository, and what writes it."""
    catalogue = read_catalogue()
    made: dict[str, Callable[[], str]] = {
        "docs/api.md": api_page,
        "docs/measures.md": measures_page,
        f"{QUESTIONS}/README.md": partial(index_page, catalogue),
    }
    for name, question in catalogue.items():
        made[f"{QUESTIONS}/{name}.md"] = partial(question_page, question)
    return made


def api_page() -> str:
    """The Python interface: each public name with its signature and docstring."""
    parts = ["# The Python interface", WRITTEN.format(source="the docstrings"), BEFORE.rstrip()]
    for heading, names in PUBLIC.items():
        parts.append(f"## {heading}")
        for name in names:
            module, _, attribute = name.partition(":")
            parts += _told(getattr(import_module(f".{module}", __package__), attribute), name)
    return "\n\n".join(parts) + "\n"


def measures_page() -> str:
    """The plain measures: what they are given, and what each module says and gives out."""
    parts = ["# The measures", WRITTEN.format(source="the docstrings"), MEASURES_BEFORE.rstrip()]
    parts += ["## What each is given", _markdown(inspect.getdoc(spread_inputs) or "")]
    for heading, modules in MEASURES.items():
        parts.append(f"## {heading}")
        for name in modules:
            module = import_module(f".queries.{name}", __package__)
            parts.append(_markdown(inspect.getdoc(module) or ""))
            for attribute in module.__all__:
                value = getattr(module, attribute)
                if inspect.isclass(value) or inspect.isfunction(value):
                    parts += _told(value, f"queries.{name}:{attribute}")
    return "\n\n".join(parts) + "\n"


def _told(value: Any, name: str) -> Iterator[str]:
    module, _, short = name.partition(":")
    yield f"### {_NAMES.get(short, f'icsgraph.{module}.{short}')}"
    if inspect.isclass(value):
        if fields := _fields(value):
            yield _code("\n".join(fields))
        yield _markdown(inspect.getdoc(value) or "")
        for member, each in vars(value).items():
            if not member.startswith(("_", "model_")):
                yield from _member(short, member, each)
    else:
        yield _code(_signature(_NAMES.get(short, short), value))
        yield _markdown(inspect.getdoc(value) or "")


def _member(owner: str, name: str, each: Any) -> Iterator[str]:
    """A method or a property of a class; nothing for what is neither."""
    if isinstance(each, classmethod | staticmethod):
        each = each.__func__
    if isinstance(each, property | cached_property):
        getter: Any = each.fget if isinstance(each, property) else each.func
        shown = f"{name}: {inspect.get_annotations(getter).get('return', 'Any')}"
    elif inspect.isfunction(each):
        shown = _signature(name, each)
    else:
        return
    yield f"#### {owner}.{name}"
    yield _code(shown)
    yield _markdown(inspect.getdoc(each) or "")


def _fields(value: type) -> list[str]:
    """The fields that a record declares, with their types and defaults."""
    annotated = inspect.get_annotations(value)
    return [
        f"{name}: {kind}"
        for name, kind in annotated.items()
        if name[0] != "_" and "Var[" not in kind
    ]


def _signature(name: str, function: Callable[..., Any]) -> str:
    """A call as it is written, a parameter a line where it is long."""
    signature = inspect.signature(function)
    given = [p for n, p in signature.parameters.items() if n not in ("self", "cls")]
    parts = list(_written(given))
    returned = signature.return_annotation
    result = "" if returned is inspect.Signature.empty else f" -> {returned}"
    line = f"{name}({', '.join(parts)}){result}"
    if len(line) <= _WIDTH:
        return line
    inside = "".join(f"    {part},\n" for part in parts)
    return f"{name}(\n{inside}){result}"


def _written(parameters: Sequence[inspect.Parameter]) -> Iterator[str]:
    named = False
    for n, each in enumerate(parameters):
        kind = each.kind
        if kind is each.VAR_POSITIONAL or (kind is each.KEYWORD_ONLY and not named):
            named = True
            if kind is each.KEYWORD_ONLY:
                yield "*"
        star = "*" if kind is each.VAR_POSITIONAL else "**" if kind is each.VAR_KEYWORD else ""
        typed = "" if each.annotation is each.empty else f": {each.annotation}"
        default = "" if each.default is each.empty else f" = {_default(each.default)}"
        yield f"{star}{each.name}{typed}{default}"
        follows = parameters[n + 1].kind if n + 1 < len(parameters) else None
        if kind is each.POSITIONAL_ONLY and follows is not each.POSITIONAL_ONLY:
            yield "/"


def _default(value: Any) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, str):
        return f'"{value}"'
    return value.__name__ if inspect.isfunction(value) else repr(value)


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


def _markdown(text: str) -> str:
    """A docstring as Markdown: its examples become blocks of code."""
    blocks = [
        f"```pycon\n{inspect.cleandoc(block)}\n```" if block.lstrip().startswith(">>>") else block
        for block in text.split("\n\n")
    ]
    return "\n\n".join(blocks)


def stale(root: Path) -> list[str]:
    """Which pages under `root` are missing, not what the code gives, or of no question? Sorted."""
    made = pages()
    there = {path.relative_to(root).as_posix() for path in (root / QUESTIONS).glob("*.md")}
    changed = [path for path, make in made.items() if _bytes(root / path) != make().encode()]
    return sorted([*changed, *(there - set(made))])


def write(root: Path) -> list[str]:
    """Write every page that is not current, and remove those of no question; the paths."""
    made, paths = pages(), stale(root)
    for path in paths:
        file = root / path
        if path in made:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(made[path](), encoding="utf-8", newline="\n")
        else:
            file.unlink()
    return paths


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def main() -> None:
    """Write what is not current in the checkout that this module belongs to, and say which."""
    root = Path(__file__).resolve().parent
    if not (root / "pyproject.toml").is_file():
        sys.exit(f"{root} is no checkout of the repository: pages are written only there.")
    for path in write(root):
        print(f"Wrote {path}", file=sys.stderr)
    for store in sys.argv[1:]:  # the page of four innovations needs a store of England
        from .session import open_graph
        from .visualisations.four_innovations import write_page_of_four

        for written in write_page_of_four(open_graph(store), root / "docs"):
            print(f"Wrote {written.relative_to(root).as_posix()}", file=sys.stderr)


if __name__ == "__main__":
    main()
