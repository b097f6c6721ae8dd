"""Nothing of the evidence is lost: every value of every column is found again on its own thing.

`PLACES` declares, for each file, the thing that a row becomes and where each of its columns goes:
columns of that thing, of the statements at it, and of the things at their other ends.
"""

import csv
from collections import defaultdict

import pytest

from icsgraph.loaders.evidence import read
from icsgraph.loaders.records import FileAccount, Judgements, Nodes
from icsgraph.loaders.sources import SAMPLE, sample_sources

ENDS = ("subject", "object")


def node(form):
    """The row's thing by its id, made from the row's cells."""
    return lambda row, _number: ("id", form.format(**row))


def statement(file):
    """The row's statement by its place in the file."""
    return lambda _row, number: ("locator", f"{file}.csv, row {number}")


def named(column):
    """The thing that some page names as this cell says."""
    return lambda row, _number: ("locator", f'named there "{row[column]}"')


def same(text):
    return [text]


def parts(text):
    return [part.strip() for part in text.split(";")]


def words(text):
    return text.split()


def number(text):
    return [str(float(text))]


def yes(text):
    return [str(text == "yes")]


def mentions(text):
    """Name and role of each: no name of the sample holds a bracket where a role follows."""
    return [p for m in parts(text) for p in m.removesuffix(")").rsplit(" (", 1)]


def upper(text):
    return [text.upper()]


def slug(text):
    return [text.replace("_", "-")]


# file: (its thing, {column: (how the cell is taken apart, columns where it is found again)})
PLACES = {
    "sources": (
        node("icsg:source/{source_key}"),
        {
            "source_key": (same, "Source.id"),
            "url": (same, "Source.url"),
            "title": (same, "Source.name"),
            "stored_text_cut": (yes, "Source.text_cut"),
            "findings_using": None,  # a count of the rows of findings.csv, compared when read
        },
    ),
    "publishers": (
        node("icsg:source/{source_key}"),
        {
            "source_key": (same, "Source.id"),
            "publisher": (same, "Source.publisher"),
            "source_type": (same, "Source.source_type"),
            "published": (same, "Source.date_text"),
        },
    ),
    "reviews": (
        lambda row, _n: ("id", f"icsg:{'review' if row['phase'] else 'source'}/{row['review_id']}"),
        {
            "review_id": (same, "Review.id Source.id"),
            "topic": (same, "Review.name Source.name"),
            "phase": (same, "Review.phase"),
            "fieldwork_start": (same, "Review.date_text~ Source.date_text~"),
            "fieldwork_end": (same, "Review.date_text~ Source.date_text~"),
            "published": (same, "Review.published Source.note~"),
            "title": (same, "Review.other_names Source.other_names"),
            "source_url": (same, "Review.url Source.url"),
            "note": (same, "Review.note Source.note~"),
        },
    ),
    "systems": (
        node("{system_id}"),
        {
            "system_id": (same, "System.id"),
            "ods_code": (same, "System.id"),
            "ons_code": (same, "System.codes"),
            "name": (same, "System.name"),
            "name_before_2022_07": (same, "System.name_before"),
            "region": (same, "System.region"),
            "region_ods": (same, "Area.id"),
            "valid_from": (same, "System.date_text~"),
            "statutory_from": (same, "System.statutory_from"),
            "valid_to": (same, "System.date_text~"),
            "lon": (number, "System.lon"),
            "lat": (number, "System.lat"),
        },
    ),
    "system_successions": (
        statement("system_successions"),
        {
            "system_id": (same, "SUCCEEDED_BY.subject"),
            "successor_id": (same, "SUCCEEDED_BY.object"),
            "date": (same, "SUCCEEDED_BY.date_text"),
            "share_of_area": (number, "SUCCEEDED_BY.share"),
        },
    ),
    "organisations": (
        named("name"),
        {
            "name": (same, "Organisation.name System.name System.other_names"),
            # The type of a partnership is told by its kind: it is a System.
            "type": (same, "Organisation.type_as_published System.kind"),
            "ods_code": (same, "Organisation.id"),
            "icb_2022": (same, "Organisation.name Organisation.other_names"),
            "icb_ods": (same, "System.id"),
            "also_seen_as": (
                parts,
                "judged.name Organisation.other_names System.other_names System.name",
            ),
            "source_url": (same, "Source.url"),
            "note": (same, "Organisation.note~ System.note~"),
        },
    ),
    "org_aliases": (
        named("alias_as_published"),
        {
            "alias_as_published": (
                same,
                "Organisation.name System.name System.other_names",
            ),
            "canonical_name": (
                lambda text: [text.removesuffix(" (system)")],
                "judged.name judged.other_names System.name System.other_names",
            ),
            "source_url": (same, "Source.url"),
        },
    ),
    "review_areas": (
        statement("review_areas"),
        {
            "review_id": (same, "REVIEWED.subject"),
            "area_name": (same, "REVIEWED.area_name"),
            "icb_2022": (same, "Organisation.name Organisation.other_names"),
            "ods_code": (same, "REVIEWED.object"),
            "note": (same, "REVIEWED.note"),
            "source_url": (same, "Source.url"),
        },
    ),
    "themes": (
        statement("themes"),
        {
            "topic": (same, "Concept.name Concept.other_names"),
            "review_id": (same, "ABOUT.subject"),
            "theme": (same, "Concept.name"),
            "level": (same, "Concept.level"),
            "definition": (same, "Concept.definition"),
            "status": (same, "Concept.status"),
            "source_url": (same, "Source.url"),
        },
    ),
    "clusters": (
        lambda row, _n: (
            "id",
            {
                ("yes", "no"): "icsg:innovation/",
                ("yes", "yes"): "icsg:innovation/",
                ("no", "yes"): "icsg:barrier/",
                ("no", "no"): "icsg:subject/",
            }[row["becomes_innovation"], row["becomes_barrier"]]
            + row["cluster"].replace("_", "-"),
        ),
        {
            "cluster": (slug, "Innovation.id Barrier.id Concept.id"),
            "label": (same, "Innovation.name Barrier.name Concept.name"),
            "definition": (same, "Innovation.definition Barrier.definition Concept.definition"),
            "becomes_innovation": None,  # compared with findings.csv when read
            "becomes_barrier": None,
        },
    ),
    "pandemic_stages": (
        node("icsg:pandemic-stage/{id}"),
        {
            "id": (same, "Concept.id"),
            "label": (same, "Concept.name"),
            "start": (same, "Concept.date_text~"),
            "end": (same, "Concept.date_text~"),
            "definition": (same, "Concept.definition"),
            "source_title": (same, "Source.name"),
            "source_url": (same, "Source.url"),
            "note": (same, "Concept.note"),
        },
    ),
    "findings": (
        node("icsg:finding/{finding_id}"),
        {
            "finding_id": (same, "Finding.id"),
            "review_id": (same, "FOUND.subject REPORTS.subject"),
            "area": (same, "System.name System.other_names"),
            "kind": (same, "Finding.finding_kind"),
            "theme": (same, "Finding.theme"),
            "short_name": (same, "Finding.name"),
            "description": (same, "Finding.description"),
            "organisations": (
                mentions,
                "Organisation.name Organisation.other_names System.name System.other_names "
                "CONCERNS.role",
            ),
            "sectors": (parts, "Concept.name Concept.other_names"),
            "technology": (parts, "Concept.name Concept.other_names"),
            "population_group": (parts, "Concept.name Concept.other_names"),
            "period": (same, "Finding.date_text"),
            "source_url": (same, "Source.url"),
            "source_title": (same, "Source.name"),
            "area_ods": (same, "System.id"),
            "place": (same, "Finding.place"),
            "evidence_class": (same, "Finding.evidence_class"),
            "cluster": (same, "Finding.cluster"),
            "related_review": (same, "Review.id"),
            "source_text_cut": (yes, "Finding.text_cut"),
            "other_source_urls": (words, "Source.url"),
            "note": (same, "Finding.note"),
        },
    ),
    "coding": (
        node("icsg:finding/{finding_id}"),
        {
            "finding_id": (same, "Finding.id"),
            **{
                column: (same, "Finding.coding~")
                for column in ("field", "value", "words", "level", "note")
            },
        },
    ),
    "evaluation": (
        node("icsg:finding/{eval_id}"),
        {
            "eval_id": (same, "Finding.id"),
            "kind": (same, "Finding.finding_kind"),
            "short_name": (same, "Finding.name"),
            "description": (same, "Finding.description"),
            "applies_to": (same, "Finding.applies_to"),
            "source_file": (same, "REPORTS.locator"),
            "source_url": (same, "Source.url"),
        },
    ),
    "ties": (
        statement("ties"),
        {
            "subject_org": (same, "subject.name subject.other_names"),
            "relation": (upper, "statement.kind"),
            "object_org": (same, "object.name object.other_names"),
            "area": (same, "System.name System.other_names"),
            "about": (same, "statement.finding"),
            "start": (same, "statement.date_text"),
            "source_url": (same, "Source.url"),
            "area_ods": (same, "statement.area"),
        },
    ),
}


class Graph:
    """The built tables, and what can be reached from one thing or one statement."""

    def __init__(self, tables):
        self.nodes, self.at = {}, defaultdict(list)
        self.judged = defaultdict(list)
        for table in tables:
            for row in table.rows.iter_rows(named=True):
                if isinstance(table, Judgements):
                    self.judged[row["one"]].append(row["other"])
                    self.judged[row["other"]].append(row["one"])
                    continue
                row["kind"] = table.kind
                if isinstance(table, Nodes):
                    self.nodes[row["id"]] = row
                    continue
                self.at[row["locator"]].append(row)
                for end in ENDS:
                    self.at[row[end]].append(row)

    def reach(self, by, value):
        """Every row at hand: (name it goes by, row)."""
        if by == "id":
            yield self.nodes[value]["kind"], self.nodes[value]
        for said in self.at[value]:
            yield said["kind"], said
            yield "statement", said
            for role in (*ENDS, "document", "area", "finding"):
                other = self.nodes.get(said.get(role) or "")
                if other:
                    yield other["kind"], other
                    yield role, other
                    yield from (("judged", self.nodes[i]) for i in self.judged[other["id"]])
                    yield from self._beyond(other)

    def _beyond(self, thing):
        """A board that leads a system, the system of a board, and the topic that a theme is of."""
        for said in self.at[thing["id"]]:
            if said["kind"] in ("MEMBER_OF", "LOCATED_IN"):
                for end in ENDS:
                    yield self.nodes[said[end]]["kind"], self.nodes[said[end]]
                    for also in self.at[said[end]]:
                        if also["kind"] == "MEMBER_OF":
                            yield "Organisation", self.nodes[also["subject"]]
        for topic in thing.get("broader") or []:
            yield "Concept", self.nodes[topic]


@pytest.fixture(scope="module")
def graph():
    tables = read(sample_sources()[0])
    return Graph([table for table in tables if not isinstance(table, FileAccount)])


def found(wanted, value):
    """Whether a value of a table is the text, or has it in a list or at an identifier's end."""
    for text in value if isinstance(value, list) else [str(value)]:
        if text == wanted or text.endswith((f"/{wanted}", f":{wanted}")):
            return True
    return False


def held(wanted, place, rows):
    kind, _, column = place.removesuffix("~").partition(".")
    for name, row in rows:
        if name != kind:
            continue
        if place == "System.kind":
            return True
        if place.endswith("~") and wanted in str(row.get(column)).replace("\\'", "'"):
            return True
        if row.get(column) is not None and found(wanted, row[column]):
            return True
    return False


def cells(file):
    with (SAMPLE / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_file_and_column_has_a_declared_place():
    declared = {file: set(columns) for file, (_thing, columns) in PLACES.items()}
    assert declared == {path.stem: set(cells(path.stem)[0]) for path in SAMPLE.glob("*.csv")}


@pytest.mark.parametrize("file", PLACES)
def test_no_value_is_lost(file, graph):
    thing, columns = PLACES[file]
    lost = []
    for number, row in enumerate(cells(file), start=1):
        rows = list(graph.reach(*thing(row, number)))
        for column, place in columns.items():
            if place and row[column]:
                apart, where = place
                lost += [
                    (number, column, wanted)
                    for wanted in apart(row[column])
                    if not any(held(wanted, one, rows) for one in where.split())
                ]
    assert lost == []


def test_a_lost_value_would_be_seen(graph):
    rows = list(graph.reach("id", "icsg:finding/CTX-015"))
    assert held("Newham", "Finding.place", rows)
    assert not held("Havering", "Finding.place", rows)
    assert not held("equipment", "Organisation.name", rows)
