"""What the bundled evidence gives, counted by hand or straight from the files."""

import csv
from collections import Counter

import polars as pl
import pytest

from icsgraph.loaders.evidence import read
from icsgraph.loaders.records import FileAccount, Judgements, Nodes, Relationships
from icsgraph.loaders.sources import SAMPLE, sample_sources
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS, TIES
from icsgraph.ontology.tables import conform, faults, vocabulary_columns
from icsgraph.ontology.vocabularies import scheme


@pytest.fixture(scope="module")
def told():
    return list(read(sample_sources()[0]))


@pytest.fixture(scope="module")
def nodes(told):
    return {t.kind: conform(t.kind, t.rows) for t in told if isinstance(t, Nodes)}


@pytest.fixture(scope="module")
def stated(told):
    return {t.kind: t.rows for t in told if isinstance(t, Relationships)}


def rows(name):
    with (SAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def one(frame, **wanted):
    found = frame.filter([pl.col(column) == value for column, value in wanted.items()])
    assert found.height == 1, found
    return found.row(0, named=True)


def objects(frame, subject):
    return set(frame.filter(pl.col("subject") == subject)["object"])


def test_every_row_of_every_file_is_accepted_or_merged(told):
    accounts = {a.file: a.check() for a in told if isinstance(a, FileAccount)}
    assert {name: a.rows_in for name, a in accounts.items()} == {
        "sources.csv": 116,
        "publishers.csv": 116,
        "reviews.csv": 7,
        "systems.csv": 48,
        "system_successions.csv": 16,
        "organisations.csv": 144,
        "org_aliases.csv": 117,
        "review_areas.csv": 42,
        "themes.csv": 54,
        "clusters.csv": 87,
        "pandemic_stages.csv": 8,
        "findings.csv": 231,
        "coding.csv": 125,
        "evaluation.csv": 31,
        "ties.csv": 93,
    }
    assert {name: a.rejected.rows() for name, a in accounts.items() if a.rejected.height} == {}
    assert [note for a in accounts.values() for note in a.notes] == []


def test_nothing_dangles_and_every_row_is_of_its_kind(nodes, stated):
    kind_of = {i: kind for kind, table in nodes.items() for i in table["id"]}
    assert sum(table.height for table in nodes.values()) == len(kind_of)
    for kind, table in nodes.items():
        assert faults(kind, table).rows() == []
    for kind, table in stated.items():
        model = RELATIONSHIP_KINDS[kind]
        assert {kind_of.get(i) for i in table["subject"]} <= set(model.domain), kind
        assert {kind_of.get(i) for i in table["object"]} <= set(model.range), kind
        assert not table.select("subject", "object", "key").is_duplicated().any(), kind
        for column in {"document", "finding", "area"} & set(table.columns):
            assert set(table[column].drop_nulls()) <= set(kind_of), (kind, column)


def test_coded_values_are_those_of_their_vocabularies(nodes, stated):
    for kind, table in {**nodes, **stated}.items():
        for column, vocabulary in vocabulary_columns(kind).items():
            if column in table.columns:
                values = table[column].explode().drop_nulls().unique()
                assert set(values) <= set(scheme(vocabulary)), (kind, column)


def test_the_five_reviews_and_what_is_none(nodes, stated):
    assert nodes["Review"].select("id", "topic", "phase", "date_text").sort("phase").rows() == [
        ("icsg:review/PCR1-OP", "older-people", 1, "2020-07 to 2020-08"),
        ("icsg:review/PCR2-UEC", "urgent-and-emergency-care", 2, "2020-10 to 2020-11"),
        ("icsg:review/PCR3-CAN", "cancer", 3, "2021-03 to 2021-04"),
        ("icsg:review/PCR4-LD", "learning-disability", 4, "unknown to 2021-05"),
        ("icsg:review/PCR5-CYPMH", "cyp-mental-health", 5, "2021-06 to 2021-07"),
    ]
    others = nodes["Source"].filter(~pl.col("is_review"))
    assert others.select("id", "source_type").rows() == [
        ("icsg:source/CTX", "context-collection"),
        ("icsg:source/FU-UEC22", "inspection-programme"),
    ]
    assert "2022-03-04 (NE London)" in others["note"][1]
    assert Counter(stated["FOUND"]["subject"]) == {
        "icsg:review/PCR1-OP": 22,
        "icsg:review/PCR2-UEC": 27,
        "icsg:review/PCR3-CAN": 21,
        "icsg:review/PCR4-LD": 17,
        "icsg:review/PCR5-CYPMH": 16,
    }


def test_findings_by_kind_level_and_origin(nodes):
    findings = nodes["Finding"]
    assert findings.filter("from_reviews").height == 103
    evaluation = findings.filter(pl.col("evidence_class") == "programme_evaluation")
    others = findings.filter(pl.col("evidence_class") != "programme_evaluation")
    assert (evaluation.height, others.height) == (31, 231)
    assert Counter(others["finding_kind"]) == {
        "innovation": 92,
        "enabler": 47,
        "barrier": 36,
        "challenge": 30,
        "recommendation": 16,
        "inequality": 10,
    }
    # 110 name a system's code; 23 more name a place, 15 of these England.
    assert Counter(others["level"]) == {"system": 110, "region": 8, "national": 113}
    assert others.filter(pl.col("date_text").is_null()).height == 13
    assert others.filter(pl.col("level") == "system").filter("from_reviews").height == 4


@pytest.mark.parametrize(
    ("finding", "text", "bounds"),
    [
        ("CTX-034", "before 2020", (None, "2019-12-31", None, None)),
        ("CTX-031", "2011 to 2021", ("2011-01-01", "2011-12-31", "2021-01-02", "2022-01-01")),
        ("PCR2-UEC-006", "2020-2021", ("2020-01-01", "2020-12-31", "2021-01-02", "2022-01-01")),
        ("CTX-036", "2020 to 2021-06", ("2020-01-01", "2020-12-31", "2021-06-02", "2021-07-01")),
        ("PCR2-UEC-008", None, (None, None, None, None)),
    ],
)
def test_a_period_stays_as_stated_beside_its_bounds(nodes, finding, text, bounds):
    row = one(nodes["Finding"], id=f"icsg:finding/{finding}")
    found = (row["start_earliest"], row["start_latest"], row["end_earliest"], row["end_latest"])
    assert (row["date_text"], found) == (text, bounds)


def test_a_finding_stands_on_all_its_pages(stated):
    pages = stated["REPORTS"].filter(pl.col("object") == "icsg:finding/CTX-083")
    assert pages.sort("subject").select("subject", "locator").rows() == [
        ("icsg:source/CTX", "findings.csv, row 231"),
        ("icsg:source/OX_KSS", "page not recorded"),
        ("icsg:source/OX_OXF", "page not recorded"),
        ("icsg:source/OX_UCLP", "page not recorded"),
    ]


def test_everything_that_one_finding_is_about(stated):
    # Cornwall's units: acute;community;primary care, frail older people, no technology.
    assert objects(stated["ABOUT"], "icsg:finding/PCR2-UEC-007") == {
        "icsg:innovation/community-assessment-unit",
        "icsg:population-group/frail-older-people",
        "icsg:sector/acute",
        "icsg:sector/community-health",
        "icsg:sector/primary-care",
        "icsg:theme/urgent-and-emergency-care/ensuring-access",
        "icsg:topic/urgent-and-emergency-care",
    }
    assert objects(stated["CONCERNS"], "icsg:finding/PCR2-UEC-007") == {"ods:QT6"}


def test_a_theme_is_found_under_its_topic_and_level_or_made(nodes, stated):
    levels = nodes["Concept"].filter(pl.col("name") == "Tackling inequalities")
    assert levels["id"].to_list() == [
        "icsg:theme/urgent-and-emergency-care/learning-examples-section/tackling-inequalities",
        "icsg:theme/urgent-and-emergency-care/tackling-inequalities",
    ]
    about = {f: objects(stated["ABOUT"], f"icsg:finding/{f}") for f in ("PCR2-UEC-010", "CTX-073")}
    assert levels["id"][1] in about["PCR2-UEC-010"] and levels["id"][0] not in about["PCR2-UEC-010"]
    # It bears on no review, so its theme has no topic, and themes.csv has none of that kind.
    assert "icsg:theme/use-of-technology" in about["CTX-073"]
    themes = nodes["Concept"].filter(pl.col("concept_type") == "theme")
    assert themes.filter(pl.col("status").str.starts_with("named by findings only")).height == 6
    assert nodes["Concept"].filter(pl.col("concept_type") == "challenge")["id"].to_list() == [
        "icsg:challenge/develop-and-build-on-relationships",
        "icsg:challenge/embrace-technology",
        "icsg:challenge/share-important-information",
        "icsg:challenge/understand-inequality",
        "icsg:challenge/understand-staffing",
    ]


def test_a_cluster_is_an_innovation_a_barrier_and_a_subject_as_its_findings_are(nodes, stated):
    kinds = {}
    for row in rows("findings"):
        kinds.setdefault(row["cluster"], set()).add(row["kind"])
    innovations = sum("innovation" in of for of in kinds.values())
    barriers = sum(bool({"barrier", "challenge"} & of) for of in kinds.values())
    subjects = sum(bool({"enabler", "inequality", "recommendation"} & of) for of in kinds.values())
    found = nodes["Concept"].filter(pl.col("concept_type") == "subject").height
    assert (nodes["Innovation"].height, nodes["Barrier"].height, found) == (
        innovations,
        barriers,
        subjects,
    )
    about = stated["ABOUT"].filter(pl.col("object").str.ends_with("/remote-consultation"))
    assert Counter(about["object"]) == {
        "icsg:innovation/remote-consultation": 5,
        "icsg:barrier/remote-consultation": 1,
        "icsg:subject/remote-consultation": 3,
    }
    assert one(nodes["Barrier"], id="icsg:barrier/wrong-front-door")["name"] == "Wrong front door"


def test_all_160_mentions_of_organisations_are_tied_with_their_role(stated):
    named = stated["CONCERNS"].filter(pl.col("role").is_not_null())
    assert named.height == 160
    assert one(named, subject="icsg:finding/PCR2-UEC-012")["role"] == "employer, 111 provider"
    leicester = named.filter(pl.col("subject") == "icsg:finding/PCR3-CAN-001")
    assert leicester["object"].to_list() == [
        "icsg:organisation/leicester-leicestershire-and-rutland-clinical-commissioning-group"
    ]
    # A partnership is the System itself.
    assert one(named, subject="icsg:finding/FU-UEC22-003")["object"] == "ods:QR1"


def test_evaluation_facts_concern_the_reviews_they_cover(stated, nodes):
    concerned = stated["CONCERNS"].filter(pl.col("subject").str.contains("/EV-"))
    by_fact = Counter(concerned["subject"])
    # 27 cover all five; reviews 1-2 (twice), 2-5 and 3-5 cover two, four and three.
    assert Counter(by_fact.values()) == {5: 27, 2: 2, 4: 1, 3: 1}
    assert objects(concerned, "icsg:finding/EV-22") == {
        "icsg:review/PCR1-OP",
        "icsg:review/PCR2-UEC",
    }
    limits = nodes["Finding"].filter(pl.col("finding_kind") == "limit")
    assert limits.height == 9 and not limits["from_reviews"].any()


def test_ties_keep_their_date_as_stated_and_what_they_rest_on(stated):
    ties = pl.concat([stated[kind] for kind in (*TIES, "COMMISSIONS") if kind in stated])
    assert {kind: stated[kind].height for kind in (*TIES, "COMMISSIONS") if kind in stated} == {
        "COLLABORATES_WITH": 31,
        "SUPPORTS": 23,
        "PLANS_JOINTLY_WITH": 18,
        "REFERS_TO": 9,
        "SHARES_INFORMATION_WITH": 6,
        "HOSTS": 4,
        "COMMISSIONS": 2,
    }
    assert (ties.height, ties["date_text"].null_count()) == (93, 57)
    assert ties["area"].null_count() == sum(not row["area_ods"] for row in rows("ties"))
    hub = one(ties, subject="ods:R1H", object="icsg:organisation/age-uk")
    assert (hub["finding"], hub["area"], hub["document"], hub["start_latest"]) == (
        "icsg:finding/CTX-015",
        "ods:QMF",
        "icsg:source/ELFT_MAY",
        "2020-03-31",
    )
    assert hub["end_earliest"] is None


def test_systems_their_regions_and_what_became_of_them(nodes, stated):
    systems = named_by_code(nodes["System"])
    assert systems.height == 48
    assert Counter(systems["statutory_from"]) == {"2022-07-01": 42, "2026-04-01": 6}
    assert systems.filter(pl.col("end_latest") == "2026-04-01").height == 12
    assert systems.filter(pl.col("end_latest").is_null()).height == 36
    parts = stated["PART_OF"]
    assert (parts.height, parts["object"].n_unique()) == (48, 7)
    # The six of 2026 have no code of a region: it is found by the region's name.
    assert one(parts, subject="ods:S0E4D")["object"] == "ods:Y59"
    successions = stated["SUCCEEDED_BY"]
    assert (successions.height, successions["subject"].n_unique()) == (16, 12)
    frimley = successions.filter(pl.col("subject") == "ods:QNQ").sort("object")
    assert frimley.select("object", "share", "date_text").rows() == [
        ("ods:QRL", 0.2295, "2026-04-01"),
        ("ods:S0E4D", 0.5545, "2026-04-01"),
        ("ods:S9B9J", 0.2159, "2026-04-01"),
    ]


def test_a_system_has_every_name_that_it_was_given(nodes):
    names = set(one(nodes["System"], id="ods:QMF")["other_names"])
    assert names == {"East London Health and Care Partnership"}
    names = set(one(nodes["System"], id="ods:QT6")["other_names"])
    assert "Cornwall and Isles of Scilly Integrated Care System" in names
    assert one(nodes["System"], id="ods:QOQ")["name_before"] == "Humber, Coast and Vale"


def test_reviewed_areas(stated, nodes):
    reviewed = stated["REVIEWED"]
    assert Counter(reviewed["subject"]) == {
        "icsg:review/PCR1-OP": 11,
        "icsg:review/PCR2-UEC": 8,
        "icsg:review/PCR3-CAN": 8,
        "icsg:review/PCR4-LD": 1,
        "icsg:review/PCR5-CYPMH": 7,
        "icsg:source/FU-UEC22": 7,
    }
    devon = one(reviewed, subject="icsg:review/PCR1-OP", object="ods:QJK")
    assert devon["area_name"] == "Dev[on] (name cut in stored text)"
    assert devon["note"] == "stored text stops after 'Dev'; Devon inferred"
    assert devon["document"] == "icsg:source/HSJ11" and devon["date_text"] == "2020-07 to 2020-08"
    unnamed = one(nodes["Area"], area_type="unnamed")
    assert unnamed["id"] == "icsg:area/unnamed-learning-disability-areas"
    assert "7 areas, names not in any stored text" in unnamed["note"]


def test_reviews_and_the_stages_of_the_pandemic(stated):
    stages = stated["ABOUT"].filter(pl.col("certainty").is_not_null()).sort("subject", "object")
    assert set(stages["knowledge_level"]) == {"inference"}
    # The start of the fourth is not stated: not before the third's, and it lasted into May 2021.
    assert stages.select("subject", "object", "certainty").rows() == [
        ("icsg:review/PCR1-OP", "icsg:pandemic-stage/summer-2020", "CERTAIN"),
        ("icsg:review/PCR2-UEC", "icsg:pandemic-stage/second-wave", "CERTAIN"),
        ("icsg:review/PCR3-CAN", "icsg:pandemic-stage/second-wave", "CERTAIN"),
        ("icsg:review/PCR4-LD", "icsg:pandemic-stage/second-wave", "POSSIBLE"),
        ("icsg:review/PCR4-LD", "icsg:pandemic-stage/spring-and-summer-2021", "POSSIBLE"),
        ("icsg:review/PCR5-CYPMH", "icsg:pandemic-stage/spring-and-summer-2021", "CERTAIN"),
    ]


def test_what_is_only_considered_is_not_adopted(stated):
    # 58 of the 92 innovation findings name a system; in one of them neighbours explore it.
    innovations = [r for r in rows("findings") if r["kind"] == "innovation" and r["area_ods"]]
    assert (len(innovations), stated["ADOPTED"].height) == (58, 57)
    cornwall = stated["ADOPTED"].filter(
        (pl.col("subject") == "ods:QT6")
        & (pl.col("object") == "icsg:innovation/community-assessment-unit")
    )
    assert cornwall["finding"].to_list() == ["icsg:finding/CTX-010", "icsg:finding/PCR2-UEC-007"]
    assert set(stated["ADOPTED"]["stage"]) == {None, "pilot", "live", "scaled"}
    obstacles = [r for r in rows("findings") if r["kind"] in ("barrier", "challenge")]
    assert stated["FACED"].height == sum(bool(r["area_ods"]) for r in obstacles)


def test_coding_stays_with_its_words_and_how_it_is_known(nodes, stated):
    findings = nodes["Finding"]
    assert findings["coding"].list.len().sum() == 125
    assert one(findings, id="icsg:finding/CTX-019")["coding"] == [
        'stage: live (finding): "Discharge single point of access from October 2021"'
    ]
    assert findings["voice"].drop_nulls().len() == 9
    both = one(findings, id="icsg:finding/PCR5-CYPMH-014")
    assert (both["novelty"], len(both["coding"])) == ("confirmation_and_news", 2)
    assert one(findings, id="icsg:finding/PCR2-UEC-021")["serves"] == "winter 2021 to 2022"
    assert stated["ADDRESSES"].height == sum(r["field"] == "challenge" for r in rows("coding"))
    assert Counter(stated["ADDRESSES"]["knowledge_level"]) == {"inference": 35, "finding": 5}


def test_what_was_done_afterwards_is_told_and_nobody_is_said_to_have_acted_on_a_finding(
    nodes, stated
):
    assert nodes["Finding"]["action"].drop_nulls().len() == 3
    assert "ACTED_ON" not in stated


def test_organisations_with_their_types_codes_and_places(nodes, stated):
    bodies = named_by_code(nodes["Organisation"])
    # 144 rows, 36 of them partnerships; and the boards of 37 systems, 3 of which have a row.
    assert bodies.height == 144 - 36 + 37 - 3
    barts = one(bodies, id="ods:R1H")
    assert (barts["org_type"], barts["is_provider"]) == ("acute-trust", True)
    assert bodies["org_type"].null_count() == 0
    boards = stated["MEMBER_OF"]
    assert boards.height == 37 and set(boards["role"]) == {"integrated care board"}
    assert one(boards, subject="icsg:icb/QE1")["start_earliest"] == "2022-07-01"
    placed = [
        r for r in rows("organisations") if r["icb_ods"] and r["type"] not in ("ICS/STP", "ICB")
    ]
    assert stated["LOCATED_IN"].height == len(placed) == 77
    assert one(stated["LOCATED_IN"], subject="ods:R1H")["document"] == "icsg:source/ELFT_MAY"


def named_by_code(things):
    """Without the names that only a judgement makes the same as one of these."""
    return things.filter(~pl.col("id").str.contains("/evidence/"))


def test_a_published_name_is_a_thing_of_its_own_judged_to_be_the_body_it_means(told, nodes, stated):
    (judged,) = (table.rows for table in told if isinstance(table, Judgements))
    # 117 rows: 15 name a system as organisations.csv lists it, 3 as systems.csv does.
    assert judged.height == 117 - 15 - 3
    assert set(judged["judgement"]) == {"same"}
    known = {i for table in nodes.values() for i in table["id"]}
    assert {*judged["one"], *judged["other"]} <= known
    barts = judged.filter(pl.col("one") == "ods:R1H").sort("other")
    assert barts["other"].to_list() == [
        "icsg:organisation/evidence/barts-health",
        "icsg:organisation/evidence/newham-university-hospital",
        "icsg:organisation/evidence/newham-university-hospital-trust-nuht",
    ]
    assert barts["why"][0].startswith(
        """org_aliases.csv, row 1: named "Bart's Health" at https://www.elft.nhs.uk/News/"""
    )
    assert one(nodes["Organisation"], id="ods:R1H")["other_names"] == []
    alias = one(nodes["Organisation"], id=barts["other"][0])
    assert (alias["name"], alias["org_type"]) == ("Bart's Health", None)
    page = one(stated["REPORTS"], object=alias["id"])
    assert (page["subject"], page["locator"]) == (
        "icsg:source/ELFT_JUN", """named there "Bart's Health\"""",
    )  # fmt: skip


def test_pages_have_publishers(nodes):
    pages = nodes["Source"].filter(pl.col("publisher").is_not_null())
    assert pages.height == 116
    assert one(pages, id="icsg:source/UEC_REP")["publisher"] == "Care Quality Commission"
    assert one(pages, id="icsg:source/HSJ11")["source_type"] == "press-article"
