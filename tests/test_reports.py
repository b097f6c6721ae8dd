"""What a report says: the rows of the graph, each with its sources, and what is not known."""

import os
import re
import subprocess
import sys

import polars as pl
import pytest

from icsgraph.graph.public import public
from icsgraph.graph.views import View
from icsgraph.ontology.errors import UnknownName, UsageError
from icsgraph.queries.places import members
from icsgraph.visualisations.report_page import Bullets, Names, Table
from icsgraph.visualisations.reports import REPORTS, gathered, report
from icsgraph.visualisations.wording import listed

NAMES = {"system": "North East London", "topic": "cancer", "innovation": "Virtual ward"}


def of(graph, kind, **choices):
    return gathered(graph.snapshot, kind, NAMES.get(kind, ""), **choices)


def tables(report, anchor):
    section = next(one for one in report.sections if one.anchor == anchor)
    return [block for block in section.blocks if isinstance(block, Table)]


def words(report):
    """Every text of a report in one string."""
    texts = []
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                texts += [cell.words + " " + cell.below for row in block.rows for cell in row]
                texts.append(block.caption)
            elif isinstance(block, Bullets):
                texts += [text.words for text in block.texts]
            elif isinstance(block, Names):
                texts += [text.words for text in block.names]
            elif hasattr(block, "text"):
                texts.append(block.text.words)
    return "\n".join([report.lead, *texts])


def test_every_finding_that_names_the_system_is_in_its_report(sample):
    rows = sample.ask("system-profile", system="North East London")
    ids = set(rows["id"].drop_nulls())
    found = tables(of(sample, "system"), "found")
    assert sum(len(table.rows) for table in found) == len(ids) == 11
    told = {row[0].below for table in found for row in table.rows}
    assert told == set(rows["found"].drop_nulls())


def test_innovations_and_barriers_are_those_of_the_graph(sample):
    for kind, anchor in (("ADOPTED", "innovations"), ("FACED", "barriers")):
        rows = sample.relationships(kind).filter(pl.col("subject") == "ods:QMF")
        assert len(tables(of(sample, "system"), anchor)[0].rows) == rows["object"].n_unique()


def test_organisations_are_those_of_the_question(registers):
    told = gathered(registers.snapshot, "system", "Plumstead", on="2022-07-01")
    rows = members(registers.snapshot, {"system": "ods:Q9Y", "on": "2022-07-01", "type": ""})
    assert told.facts[0] == (str(rows.height), "organisations on record")
    by_type = tables(told, "who")[0]
    assert sum(int(row[1].words) for row in by_type.rows) == rows.height == 4


def test_pathways_across_the_border_are_counted_both_ways(registers):
    said = words(gathered(registers.snapshot, "system", "Plumstead"))
    assert "10 of 30 new pathways (33%) of its residents" in said


def test_every_number_has_its_source_and_every_source_its_number(sample):
    for kind in REPORTS:
        told = of(sample, kind)
        used = {
            number
            for section in told.sections
            for block in section.blocks
            for cell in _texts(block)
            for number in cell.notes
        }
        assert used == {source.number for source in told.sources}
        assert used and used == set(range(1, len(used) + 1))


def _texts(block):
    if isinstance(block, Table):
        return [cell for row in block.rows for cell in row]
    if isinstance(block, Bullets):
        return block.texts
    if isinstance(block, Names):
        return block.names
    return [block.text] if hasattr(block, "text") else []


def test_a_report_neither_explains_nor_ranks(sample):
    for kind in REPORTS:
        told = of(sample, kind)
        own = [
            text.words
            for section in told.sections
            for block in section.blocks
            if not isinstance(block, Table | Names)
            for text in _texts(block)
        ]
        heads = [one.heading for one in told.sections]
        said = " ".join([told.lead, *own, *heads, *(table_words(told))]).lower()
        assert not re.search(r"\bbecause\b|\bbest\b|\bworst\b|\brank|\bleading\b", said)
        assert "_" not in said and "n/a" not in said and "none" not in said.split()


def table_words(report):
    """Captions and heads of all tables."""
    found = [table for one in report.sections for table in tables(report, one.anchor)]
    return [word for table in found for word in (table.caption, *table.columns)]


def test_lists_are_in_the_order_of_names(sample):
    for anchor in ("innovations", "similar", "barriers"):
        for table in tables(of(sample, "system"), anchor):
            names = [row[0].words.lower() for row in table.rows]
            assert names == sorted(names)


def test_similar_systems_share_what_the_table_says(sample):
    table = tables(of(sample, "system"), "similar")[0]
    own = set(sample.ask("system-profile", system="North East London")["about"].drop_nulls())
    for system, shared in table.rows:
        there = set(sample.ask("system-profile", system=system.words)["about"].drop_nulls())
        assert any(name in shared.words for name in own & there)


def test_who_else_met_a_barrier_is_told_with_sources(sample):
    for row in tables(of(sample, "system"), "barriers")[0].rows:
        answer = sample.ask("where-found", about=row[0].words)
        others = set(answer["system"].drop_nulls()) - {"North East London"}
        assert all(name in row[2].words for name in others)
        assert (row[2].words == "no other system") == (not others) == (not row[2].notes)


@pytest.mark.parametrize(
    ("anchor", "question"), [("innovations", "shared-innovations"), ("barriers", "common-barriers")]
)
def test_what_several_systems_have_is_what_the_question_answers(sample, anchor, question):
    answer = sample.ask(question).filter(pl.col("systems") > 1)
    table = tables(of(sample, "programme"), anchor)[0]
    told = {row[0].words: (row[1].words, row[2].words) for row in table.rows}
    wanted = answer.select(answer.columns[0], "systems", "which_systems").rows()
    assert told == {name: (str(n), listed(sorted(systems))) for name, n, systems in wanted}


def test_an_innovation_is_on_record_where_the_question_finds_it(sample):
    rows = tables(of(sample, "innovation"), "where")[0].rows
    answer = sample.ask("where-found", about="Virtual ward")
    assert {row[0].words for row in rows} == set(answer["system"].drop_nulls())
    assert all(row[0].notes for row in rows)


def test_a_topic_has_what_its_questions_answer(sample):
    told = of(sample, "topic")
    looked = sample.ask("coverage").filter(
        pl.col("topic") == "Cancer care", pl.col("state") != "Not reviewed"
    )
    assert told.facts[0] == (str(looked.height), "systems looked at")
    for anchor in ("innovations", "barriers"):
        rows = [row for table in tables(told, anchor) for row in table.rows]
        about = {name for row in rows for name in row[1].words.split("; ")}
        assert about == set(sample.ask(anchor, topic="cancer").to_series())
        assert rows and all(row[0].notes for row in rows)


def test_days_are_written_out(sample):
    for kind in REPORTS:
        assert not re.search(r"\b20\d\d-\d\d", words(of(sample, kind))), kind


def test_a_day_leaves_out_what_was_found_later(sample):
    early = of(sample, "system", on="2021-06-30")
    assert len(tables(early, "found")) < len(tables(of(sample, "system"), "found")) or (
        early.facts[2] != of(sample, "system").facts[2]
    )
    assert ("As of", "30 June 2021") in early.filters


def test_a_system_of_another_day(sample):
    with pytest.raises(UsageError, match="did not stand on 30 June 2021"):
        gathered(sample.snapshot, "system", "Essex", on="2021-06-30")


def test_what_is_meant_is_said_with_the_nearest_names(sample):
    for kind, name, near in (
        ("system", "North East Lundon", "North East London"),
        ("topic", "cancr", "Cancer care"),
        ("innovation", "virtuel ward", "Virtual ward"),
    ):
        with pytest.raises(UnknownName, match=near):
            gathered(sample.snapshot, kind, name)
    with pytest.raises(UnknownName, match="programme"):
        gathered(sample.snapshot, "program")
    with pytest.raises(UsageError, match="needs a name"):
        gathered(sample.snapshot, "topic")
    with pytest.raises(UsageError, match="takes no name"):
        gathered(sample.snapshot, "programme", "x")


def test_the_public_profile_is_named_and_changes_no_finding(sample):
    told = gathered(public(sample.snapshot), "system", "North East London")
    assert ("Shown", "what may be published") in told.filters
    assert tables(told, "found") == tables(of(sample, "system"), "found")


class Bare(View):
    """A snapshot with nothing in it but its systems, innovations and terms."""

    def __init__(self, base):
        super().__init__(base, "bare")

    def _nodes(self, kind):
        table = self.base.nodes(kind)
        return table if kind in ("System", "Innovation", "Concept") else table.clear()

    def _relationships(self, kind):
        return self.base.relationships(kind).clear()


@pytest.mark.parametrize("kind", REPORTS)
def test_where_nothing_is_on_record_a_report_says_so(sample, kind):
    told = gathered(Bare(sample.snapshot), kind, NAMES.get(kind, ""))
    said = words(told)
    assert "That does not say that there is none." in said
    assert all(source.title for source in told.sources)


class Renamed(View):
    """A snapshot in which one system has another name."""

    def __init__(self, base, name):
        super().__init__(base, "renamed")
        self.name = name

    def _nodes(self, kind):
        table = self.base.nodes(kind)
        if kind != "System":
            return table
        other = pl.when(pl.col("id") == "ods:QMF").then(pl.lit(self.name)).otherwise("name")
        return table.with_columns(name=other)

    def _relationships(self, kind):
        return self.base.relationships(kind)


@pytest.mark.parametrize("name", ["W" * 2000, "أمن المرضى", "👩‍⚕️ 🏥", "a\ud800b"])
def test_names_of_any_kind(sample, name):
    html = report(
        Renamed(sample.snapshot, name.encode("utf-8", "replace").decode()), "system", "QMF"
    )
    assert html.count("<h1>") == 1
    html.encode("utf-8")


WRITE = """
import sys
from icsgraph.session import open_graph
from icsgraph.visualisations.reports import REPORTS, report
names = {"system": "North East London", "topic": "cancer", "innovation": "Virtual ward"}
snapshot = open_graph(sys.argv[1]).snapshot
pages = [report(snapshot, kind, names.get(kind, "")) for kind in REPORTS]
sys.stdout.buffer.write("".join(pages).encode())
"""


def test_the_same_bytes_in_every_process(sample):
    store = sample.snapshot.folder.parents[1]
    one, other = (
        subprocess.run(
            [sys.executable, "-c", WRITE, str(store)],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "4242")
    )
    assert one == other and len(one) > 50_000
