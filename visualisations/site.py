"""All maps, reports and charts of a snapshot as a folder of linked pages with an index.

Links are relative, so the folder works from a disk, a share or any web server. It is written beside
its place and moved there when the last page is done: whole or not at all. The same snapshot gives
the same files with the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..graph.files import fresh_folder, json_text, write_whole
from ..ontology.dates import BoundedDate
from ..ontology.errors import IcsgraphError, IdentifierFault, UsageError
from ..ontology.identifiers import slug
from ..ontology.vocabularies import plain
from ..queries.catalogue import read_catalogue
from .chart_parts import Asks
from .charting import Chart
from .charts import CHARTS, ChartRow, chart
from .licences import licences
from .maps import MAPS
from .page import led_back, write_page
from .report_evidence import Evidence, evidence
from .report_page import Block, Bullets, Names, Report, Section, Table, Text, render_report
from .report_words import filters_of, quiet
from .reports import gathered
from .tables import Row
from .wording import counted

__all__ = ["MARKER", "SITE", "write_site"]

MARKER = "icsgraph-site.json"
"""The file that says that a folder is a site of ours, and which snapshot it shows."""

SITE = "index.html"
LONGEST = 60
"""Letters of a name that the name of its file has at most: file systems end at 255 bytes."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """A page to be written: its file, what it is called, what it is about (an id, '' for no one
    thing) and what makes its HTML."""

    file: str
    name: str
    kind: str
    about: str
    make: Callable[[], str | Report | Chart]

    @property
    def folder(self) -> str:
        """The folder that the page stands in."""
        return self.file.partition("/")[0]


def write_site(
    graph: Asks,
    folder: str | Path,
    *,
    on: str = "",
    tell: Callable[[str], None] = lambda step: None,
) -> list[str]:
    """Write every map, report and chart of a graph into a folder, and an index of them; the files
    written, by name.

    `on` is an ISO day, `tell` hears of each step. A site that stands there is replaced;
    `UsageError` for a folder that holds anything else, or that cannot be written.
    """
    place = Path(folder).resolve()
    _refuse(place)
    try:
        with fresh_folder(place.parent) as aside:
            made = aside / "site"
            written = _fill(graph, made, on, tell)
            if place.is_dir():
                place.rename(aside / "earlier")
            made.replace(place)
    except OSError as error:
        raise UsageError(
            f"The site cannot be written to {place}: {error.strerror or error}.",
            "Name a folder in one that you may write to.",
        ) from error
    return written


def _refuse(place: Path) -> None:
    if place.is_file():
        raise UsageError(f"{place} is a file, and a site is a folder.", "Name another: -o")
    if place.is_dir() and any(place.iterdir()) and not (place / MARKER).is_file():
        raise UsageError(
            f"The folder {place} holds other things.", "Name one that does not exist yet: -o"
        )


def _fill(graph: Asks, made: Path, on: str, tell: Callable[[str], None]) -> list[str]:
    known = evidence(graph.snapshot, on)
    plan = list(_planned(graph, known, on))
    # charts first: some have nothing to draw, and then no page may lead to them
    order = sorted(plan, key=lambda page: FOLDERS.index(page.folder))
    missing: dict[str, str] = {}
    titles: dict[str, str] = {}
    kind = ""
    for page in order:
        if page.kind != kind:
            kind = page.kind
            tell(f"{STEPS[kind]} ({sum(one.kind == kind for one in plan):,})")
        try:
            content = page.make()
        except IcsgraphError as error:  # a chart of what is not there, a viewer that was not built
            missing[page.file] = error.message
            continue
        if isinstance(content, Chart):
            titles[page.file] = content.picture.title
        there = [one for one in plan if one.file not in missing]
        write_page(_linked(content, _ways(page, there)), made / page.file)
    once = {file: title for file, title in titles.items() if [*titles.values()].count(title) == 1}
    written = [
        replace(page, name=once.get(page.file, page.name))
        for page in plan
        if page.file not in missing
    ]
    write_page(render_report(_index(known, written, plan, missing)), made / SITE)
    files = sorted([SITE, *(page.file for page in written)])
    said = {"snapshot": graph.snapshot.id, "view": graph.snapshot.view, "on": on, "files": files}
    write_whole(made / MARKER, json_text(said))
    return files


FOLDERS = ("charts", "maps", "reports")
"""The folders of a site, in the order in which they are filled."""

STEPS = {
    "programme": "The programme",
    "system": "Reports on systems",
    "topic": "Reports on topics",
    "innovation": "Reports on innovations",
    "map": "Maps",
    "map-system": "Maps of one system",
    "map-topic": "Maps of one topic",
    "map-innovation": "Maps of one innovation",
    "chart": "Charts",
    "adoption-curve-innovation": "Charts of the uptake of one innovation",
    "hazard-innovation": "Charts of who took one innovation up, of those who had not yet",
}
"""What the kinds of pages are called while they are made."""

WAYS = {
    "{}": ("Report", "This as a report"),
    "map-{}": ("Map", "This as a map"),
    "adoption-curve-{}": ("Uptake", "Its uptake as a chart"),
    "hazard-{}": ("Of those who had not yet", "Who took it up, of those who had not yet"),
}
"""What the pages of one thing are called: in the index, and on one another."""


def _planned(graph: Asks, known: Evidence, on: str) -> Iterator[_Planned]:
    """Every page, part by part, in the order of their names."""
    snapshot = graph.snapshot
    about = {"system": _things(known.systems), "innovation": _things(known.innovations)}
    topics = {str(row["topic"]) for row in known.reviews if row["topic"]}
    about["topic"] = [(topic, topic) for topic in sorted(topics, key=_topic)]
    taken: set[str] = set()

    def file(folder: str, name: str, thing: str) -> str:
        return _file(taken, folder, name, thing)

    def drawn(name: str, *what: str) -> Callable[[], str]:
        return lambda: MAPS[name].draw(snapshot, *what, **({"on": on} if on else {}))

    yield _Planned(
        "reports/programme.html",
        "The reviews side by side",
        "programme",
        "",
        partial(gathered, snapshot, "programme", on=on),
    )
    for kind in ("system", "topic", "innovation"):
        for thing, name in about[kind]:
            yield _Planned(
                file("reports", f"{kind}-{name}", thing),
                _topic(name) if kind == "topic" else name,
                kind,
                thing,
                partial(gathered, snapshot, kind, thing, on=on),
            )
    for name in (n for n in ("systems", "flows", "england") if n in MAPS):
        yield _Planned(f"maps/{name}.html", _title(MAPS[name].what), "map", "", drawn(name))
    for kind in (k for k in ("system", "topic", "innovation") if k in MAPS):
        for thing, name in about[kind]:
            yield _Planned(
                file("maps", f"{kind}-{name}", thing),
                _topic(name) if kind == "topic" else name,
                f"map-{kind}",
                thing,
                drawn(kind, thing),
            )
    yield from _charts(graph, about["innovation"], on, file)


def _charts(
    graph: Asks,
    innovations: Iterable[tuple[str, str]],
    on: str,
    file: Callable[[str, str, str], str],
) -> Iterator[_Planned]:
    """The charts of the whole graph, and those of one innovation for each; a chart that must be
    told something else is for the analyst who asks."""

    def drawn(name: str, **choices: str) -> Callable[[], Chart]:
        return lambda: _worth_a_page(chart(graph, name, on=on, **choices), bool(choices))

    needs = {row.name: _needed(row) for row in CHARTS.values()}
    for name in (name for name, wanted in needs.items() if not wanted):
        title = _title(CHARTS[name].what)
        yield _Planned(f"charts/{name}.html", title, "chart", "", drawn(name))
    for name in (name for name, wanted in needs.items() if wanted == ["innovation"]):
        for thing, called in innovations:
            place = file("charts", f"{name}-{called}", thing)
            kind = f"{name}-innovation"
            yield _Planned(place, called, kind, thing, drawn(name, innovation=thing))


def _worth_a_page(drawn: Chart, of_one: bool) -> Chart:
    """A chart; `IcsgraphError` for one of many of its kind that has nothing to draw."""
    if of_one and drawn.picture.drawing is None:
        raise IcsgraphError(drawn.picture.empty)
    return drawn


def _needed(row: ChartRow) -> list[str]:
    """What a chart must be told before it can be drawn."""
    if not row.question:
        return []
    parameters = read_catalogue()[row.question].parameters
    return [name for name, parameter in parameters.items() if parameter.default is None]


def _things(rows: Mapping[str, Row]) -> list[tuple[str, str]]:
    """Ids and names, by name."""
    named = [(i, str(row["name"] or i)) for i, row in rows.items()]
    return sorted(named, key=lambda one: (one[1].lower(), one[0]))


def _topic(notation: str) -> str:
    return plain("topic", notation)


def _title(words: str) -> str:
    return words[:1].upper() + words[1:]


def _file(taken: set[str], folder: str, name: str, thing: str) -> str:
    """A file's name from that of a thing; of two of one name the later one has its id as well."""
    code = re.sub("[^A-Za-z0-9]+", "-", thing).strip("-")[-LONGEST:]
    try:
        made = slug(name)[:LONGEST].strip("-")
    except IdentifierFault:
        made = code.lower()
    if f"{folder}/{made}" in taken:
        made = f"{made}-{code}".lower()
    taken.add(f"{folder}/{made}")
    return f"{folder}/{made}.html"


def _ways(page: _Planned, plan: Iterable[_Planned]) -> list[tuple[str, str]]:
    """The files that a page leads to, the index first, each with what it is called."""
    about = page.kind.rpartition("-")[2]
    kinds = {kind.format(about): words for kind, (_, words) in WAYS.items()}
    same = [one for one in plan if one.about == page.about != "" and one is not page]
    others = [(f"../{one.file}", kinds[one.kind]) for one in same if one.kind in kinds]
    return [(f"../{SITE}", "All maps and reports"), *others]


def _linked(content: str | Report | Chart, ways: list[tuple[str, str]]) -> str:
    if isinstance(content, Report):
        return render_report(replace(content, links=ways))
    return led_back(content.html() if isinstance(content, Chart) else content, ways)


def _index(
    known: Evidence, written: Sequence[_Planned], plan: Sequence[_Planned], missing: dict[str, str]
) -> Report:
    whole = [
        _names(heading, [page for page in written if page.kind == kind])
        for kind, heading in (("programme", "Report"), ("map", "Maps"), ("chart", "Charts"))
    ]
    sections = [Section("england", "All of it", whole)]
    for about, heading in (
        ("system", "Systems"),
        ("topic", "Topics"),
        ("innovation", "Innovations"),
    ):
        if any(page.kind == about for page in written):
            sections.append(Section(about, heading, list(_things_of(about, known, written))))
    if left_out := [page for page in plan if page.file in missing and not page.about]:
        told = [Text(f"{page.name}: {missing[page.file]}") for page in left_out]
        sections.append(Section("left-out", "Not drawn", [Bullets(told)]))
    counts = Counter(page.folder for page in written)
    return Report(
        what="icsgraph",
        title="Maps and reports",
        lead="How health and care organisations in England work together: what is on record, and "
        "where each line comes from.",
        facts=[(f"{counts[folder]:,}", folder) for folder in reversed(FOLDERS)],
        filters=filters_of(known),
        sections=sections,
        sources=[],
        licences=list(licences(known.snapshot.manifest.get("sources", ()))),
    )


NO_PAGE = Text("no chart")


def _names(heading: str, pages: Iterable[_Planned]) -> Block:
    return Names(heading, [Text(page.name, target=page.file) for page in pages])


def _things_of(about: str, known: Evidence, written: Sequence[_Planned]) -> Iterator[Block]:
    """A table with a row for each thing, and the pages of it."""
    kinds = {kind.format(about): words for kind, (words, _) in WAYS.items()}
    pages = {(page.about, page.kind): page for page in written if page.kind in kinds}
    columns = [kind for kind in kinds if any(kind == other for _, other in pages)]
    of_one = [page for page in written if page.kind == about]
    rows = []
    for page in of_one:
        there = [pages.get((page.about, kind)) for kind in columns]
        links = [Text(kinds[one.kind], target=one.file) if one else NO_PAGE for one in there]
        when = [Text(_dates(known, page.about))] if about == "system" else []
        rows.append([Text(page.name), *when, *links])
    heads = [about.capitalize(), *(["On record"] if about == "system" else [])]
    yield Table(counted(len(rows), about), [*heads, *(kinds[kind] for kind in columns)], rows)
    if any(NO_PAGE in row for row in rows):
        yield quiet(
            "A chart is drawn where records say who could have taken an innovation up, and when it "
            "was. Most records name who did and not who did not."
        )


def _dates(known: Evidence, system: str) -> str:
    return BoundedDate.from_columns(known.systems[system]).plain()
