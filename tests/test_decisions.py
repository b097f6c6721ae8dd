"""Judgements about identity: what they join and keep apart, and that taking one back leaves none
of it."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icsgraph.graph.accounts import problems
from icsgraph.graph.assemble import assemble
from icsgraph.graph.decisions import (
    Decision,
    Judged,
    amended,
    appended,
    decisions_text,
    read_decisions,
    without,
    write_decisions,
)
from icsgraph.graph.files import fresh_folder, sha256
from icsgraph.graph.identity import canonical_ids, known_records
from icsgraph.graph.judging import (
    decide,
    join_again,
    load_decisions,
    note_decision,
    stated_by,
    undo,
)
from icsgraph.graph.partitions import Partition, write_partition
from icsgraph.graph.store import Store
from icsgraph.loaders.records import SourceEntry
from icsgraph.loaders.sources import SAMPLE, sample_sources
from icsgraph.ontology.errors import DataError, FileFault, UnknownName, UsageError
from icsgraph.pipeline import build, remove

COUNCIL, PROVIDER = "icsg:organisation/newham-council", "cqc:1-101667948"
TRUST, FORMER = "ods:R1H", "ods:RNH"


def judged(one: str, other: str, judgement: str = "same", why: str = "one body") -> Decision:
    return Decision(one, other, judgement, "A. Analyst", "2026-11-22", why)


def partition(source: str, organisations: dict, ties: list[tuple[str, str]] = ()) -> Partition:
    facts = {"id": source, "data_set": source.partition("@")[0], "as_of": "2026", "official": True}
    nodes = {
        "Organisation": pl.DataFrame(organisations),
        "System": pl.DataFrame({"id": ["ods:QMF"], "name": ["North East London"]}),
    }
    rows = {"subject": [a for a, _ in ties], "object": [b for _, b in ties]}
    register = {"knowledge_level": ["register"] * len(ties)}
    return Partition(facts, nodes, {"LOCATED_IN": pl.DataFrame({**rows, **register})})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A council that a register and the evidence name differently, and two trusts of one code."""
    register = {
        "id": [PROVIDER, TRUST, FORMER],
        "name": ["London Borough of Newham", "Barts Health", "Newham University Hospital"],
        "codes": [[], ["cqc:R1H"], ["cqc:R1H"]],
    }
    evidence = {"id": [COUNCIL], "name": ["Newham Council"], "codes": [[]]}
    made = Store(tmp_path / "store")
    with made.writing():
        for part in (
            partition("cqc@2026", register, [(PROVIDER, "ods:QMF")]),
            partition("evidence@2026", evidence, [(COUNCIL, "ods:QMF")]),
        ):
            with fresh_folder(made.partitions) as folder:
                write_partition(folder, part)
                made.put_partition(part.facts["id"], folder)
        made.switch(assemble(made))
    return made


def organisations(store: Store) -> list[tuple[str, str]]:
    return store.current().nodes("Organisation").select("id", "name").rows()


def content(store: Store) -> str:
    return sha256(store.current().folder)


# What a decision does


def test_two_records_judged_the_same_are_one_thing_with_both_names_and_codes(store: Store):
    decide(store, judged(PROVIDER, COUNCIL))
    council = store.current().nodes("Organisation").filter(pl.col("id") == PROVIDER)
    assert council["name"].to_list() == ["London Borough of Newham"]
    assert council["other_names"].to_list() == [["Newham Council"]]
    assert council["codes"].to_list() == [[COUNCIL]]
    assert store.current().relationships("LOCATED_IN")["subject"].to_list() == [PROVIDER] * 2
    assert COUNCIL not in dict(organisations(store))


def test_taken_back_the_records_come_apart_exactly_as_they_were(store: Store):
    before, snapshot = content(store), store.current().id
    decide(store, judged(PROVIDER, COUNCIL))
    assert content(store) != before
    gone, after = undo(store, COUNCIL, PROVIDER)
    assert gone == judged(PROVIDER, COUNCIL)
    assert (after, content(store)) == (snapshot, before)
    assert not store.decisions.exists()


def test_a_shared_code_joins_until_the_two_are_judged_different(store: Store):
    assert dict(organisations(store)).get(FORMER) is None
    before = content(store)
    decide(store, judged(TRUST, FORMER, "different", "a hospital, not the trust"))
    assert dict(organisations(store))[FORMER] == "Newham University Hospital"
    undo(store, TRUST, FORMER)
    assert content(store) == before


def test_an_id_that_was_judged_another_thing_is_no_code_of_this_one(store: Store, tmp_path: Path):
    listing = {"id": ["ods:RNJ"], "name": ["Barts and the London"], "codes": [[TRUST, "cqc:RNJ"]]}
    with store.writing(), fresh_folder(store.partitions) as folder:
        write_partition(folder, partition("ods@2020", listing))
        store.put_partition("ods@2020", folder)
    join_again(store)
    decide(store, judged(TRUST, "ods:RNJ", "different", "its predecessor"))
    former = store.current().nodes("Organisation").filter(pl.col("id") == "ods:RNJ")
    assert former["codes"].to_list() == [["cqc:RNJ"]]


def test_of_two_ids_of_one_publisher_the_one_named_first_stays(store: Store):
    ids = pl.DataFrame(
        {"kind": ["Organisation"] * 2, "id": ["icsg:a/one", "icsg:a/two"], "codes": [[], []]},
        schema={"kind": pl.String, "id": pl.String, "codes": pl.List(pl.String)},
    )
    assert canonical_ids(ids, [judged("icsg:a/two", "icsg:a/one")]).rows() == [
        ("Organisation", "icsg:a/one", "icsg:a/two")
    ]
    assert canonical_ids(ids, [judged("icsg:a/one", "icsg:a/two")])["id"].to_list() == [
        "icsg:a/two"
    ]


def test_a_snapshot_names_its_decisions_and_not_those_about_unknown_ids(store: Store):
    other = judged("ods:RXX", "ods:RYY")
    write_decisions(store.decisions, [other, judged(PROVIDER, COUNCIL)])
    join_again(store)
    assert store.current().manifest["decisions"] == [judged(PROVIDER, COUNCIL).as_dict()]
    assert read_decisions(store.decisions) == [other, judged(PROVIDER, COUNCIL)]


def test_a_snapshot_does_not_depend_on_the_order_of_decisions(store: Store):
    both = [judged(PROVIDER, COUNCIL), judged(TRUST, FORMER, "different")]
    write_decisions(store.decisions, both)
    join_again(store)
    first = content(store)
    write_decisions(store.decisions, both[::-1])
    join_again(store)
    assert content(store) == first


def test_records_are_known_by_the_ids_that_sources_give_them(store: Store):
    decide(store, judged(PROVIDER, COUNCIL))
    known = known_records(store.current()).filter(pl.col("kind") == "Organisation")
    assert known.select("id", "canonical", "name").rows() == [
        (PROVIDER, PROVIDER, "London Borough of Newham"),
        (COUNCIL, PROVIDER, "Newham Council"),
        (TRUST, TRUST, "Barts Health"),
        (FORMER, TRUST, "Newham University Hospital"),
    ]


# What cannot be decided


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (judged("ods:R1H", "ods:R1H"), "ods:R1H is compared with itself."),
        (judged("R1H", "ods:RNH"), '"R1H" is no identifier'),
        (judged("ods:R1H", "ods:RNH", "equal"), 'A judgement is "same" or "different"'),
        (judged("ods:R1H", "ods:RNH", why=" "), "A decision needs why"),
        (judged("ods:R1H", "ods:RNH", why="two\nlines"), "or two lines"),
        (judged("ods:R1H", "ods:RNH", why="\x1b[31mred"), "cannot be shown"),
        (Decision("ods:R1H", "ods:RNH", "same", "me", "soon", "why"), '"soon" is no date'),
        (judged("ods:AB2", "ods:AB1"), "ods:AB2 and ods:AB1 are judged the same already"),
        (judged("ods:AB1", "ods:AB2", "different"), "are judged the same already (A. Analyst, 20"),
        (judged("ods:AB1", "ods:AB3", "different"), "other decisions together make them the same"),
        (judged("ods:AB1", "ods:AB4"), "other decisions together keep them apart"),
    ],
)
def test_a_decision_that_cannot_stand_is_refused(new: Decision, said: str):
    before = [
        judged("ods:AB1", "ods:AB2"),
        judged("ods:AB2", "ods:AB3"),
        judged("ods:AB4", "ods:AB3", "different"),
    ]
    with pytest.raises(UsageError) as refused:
        appended(before, new)
    assert said in refused.value.message


def test_an_id_that_no_record_has_is_refused_with_the_nearest(store: Store):
    before = content(store)
    with pytest.raises(UnknownName) as refused:
        decide(store, judged(PROVIDER, "icsg:organisation/newham-counsel"))
    assert refused.value.nearest[0] == COUNCIL
    with pytest.raises(UsageError, match="is of the kind organisation.* is of the kind system"):
        decide(store, judged(PROVIDER, "ods:QMF"))
    with pytest.raises(UnknownName, match="no decision about"):
        undo(store, PROVIDER, COUNCIL)
    assert content(store) == before and not store.decisions.exists()


def test_a_join_that_fails_leaves_the_decisions_as_they_were(store: Store):
    decide(store, judged(PROVIDER, COUNCIL))
    facts = store.partitions / "cqc@2026" / "source.json"
    facts.write_text("no JSON", encoding="utf-8", newline="\n")
    with pytest.raises(ValueError):
        decide(store, judged(TRUST, FORMER, "different"))
    assert read_decisions(store.decisions) == [judged(PROVIDER, COUNCIL)]


# The file


def test_a_file_comes_back_as_it_was_written(tmp_path: Path):
    awkward = judged(PROVIDER, COUNCIL, why='the "London Borough", Newham – see p. 2')
    write_decisions(tmp_path / "decisions.csv", [awkward])
    assert read_decisions(tmp_path / "decisions.csv") == [awkward]
    crlf = decisions_text([awkward]).replace("\n", "\r\n").encode("utf-8-sig")
    (tmp_path / "excel.csv").write_bytes(crlf)
    assert read_decisions(tmp_path / "excel.csv") == [awkward]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "row 1: its columns are a, b, not one, other, judgement"),
        ("", "row 1: its columns are none, not one, other"),
        ("{head}ods:R1H,ods:RNH,same\n", "row 2: it has 3 cells, not 6"),
        ("{head}ods:R1H,RNH,same,me,2026,why\n", 'row 2, column other: "RNH" is no identifier'),
        ("{head}ods:R1H,ods:RNH,equal,me,2026,x\n", "row 2, column judgement"),
        ("{head}{row}{row}", "row 3: ods:R1H and ods:RNH are judged the same already"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_row(tmp_path: Path, text: str, said: str):
    head, row = decisions_text([]), "ods:R1H,ods:RNH,same,me,2026,why\n"
    path = tmp_path / "decisions.csv"
    path.write_text(text.format(head=head, row=row), encoding="utf-8", newline="\n")
    with pytest.raises(FileFault) as refused:
        read_decisions(path)
    assert said in refused.value.message


def test_dumped_and_loaded_into_the_same_sources_they_give_the_same_snapshot(
    store: Store, tmp_path: Path
):
    undecided = content(store)
    decide(store, judged(PROVIDER, COUNCIL))
    decide(store, judged(TRUST, FORMER, "different"))
    decided = content(store)
    dump = tmp_path / "dump.csv"
    dump.write_bytes(store.decisions.read_bytes())
    undo(store, PROVIDER, COUNCIL)
    undo(store, TRUST, FORMER)
    assert content(store) == undecided
    new, _ = load_decisions(store, dump)
    assert len(new) == 2 and content(store) == decided
    again, _ = load_decisions(store, dump)
    assert again == [] and content(store) == decided


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (judged(PROVIDER, "ods:RXX"), 'row 3: There is no record in the store "ods:RXX"'),
        (judged(PROVIDER, "ods:QMF"), "row 3: cqc:1-101667948 is of the kind organisation"),
        (judged(FORMER, TRUST), "row 3: ods:RNH and ods:R1H are judged different already"),
    ],
)
def test_a_file_is_loaded_whole_or_not_at_all(
    store: Store, tmp_path: Path, row: Decision, said: str
):
    decide(store, judged(TRUST, FORMER, "different"))
    before, decided = content(store), read_decisions(store.decisions)
    write_decisions(tmp_path / "mine.csv", [judged(PROVIDER, COUNCIL), row])
    with pytest.raises(FileFault) as refused:
        load_decisions(store, tmp_path / "mine.csv")
    assert said in refused.value.message
    assert (content(store), read_decisions(store.decisions)) == (before, decided)


def test_a_file_that_is_not_there_is_said(store: Store, tmp_path: Path):
    with pytest.raises(FileFault, match="there is no such file"):
        load_decisions(store, tmp_path / "nothing.csv")


def test_decisions_noted_and_not_yet_joined_are_a_problem_that_check_names(store: Store):
    assert problems(store) == []
    note_decision(store, judged(PROVIDER, COUNCIL))
    (said,) = problems(store)
    assert said.startswith("The decisions are not those that snapshot ")
    join_again(store)
    assert problems(store) == []
    write_decisions(store.decisions, [*read_decisions(store.decisions), judged("ods:AB1", "ods:X")])
    with pytest.raises(DataError):
        problems(store)


# What sources judge themselves


def test_what_a_source_judges_comes_and_goes_with_it_and_what_a_person_undid_stays_undone():
    alias, second = judged(TRUST, COUNCIL), judged(TRUST, PROVIDER)
    one, both = {alias.key: alias}, {alias.key: alias, second.key: second}
    assert amended([], {}, both) == [second, alias]
    assert amended([second, alias], both, one) == [alias]
    assert amended([], one, both) == [second]
    mine = judged(TRUST, PROVIDER, "different")
    assert amended([mine], {}, both) == [mine, alias]
    assert amended([mine], both, {}) == [mine]
    nobody = Decision(TRUST, FORMER, "same", "", "2026", "no one said so")
    assert amended([], {}, {nobody.key: nobody}) == []
    newer = judged(TRUST, COUNCIL, why="another page")
    assert amended([alias], one, {alias.key: newer}) == [newer]


BARTS, ALIAS = "ods:R1H", "icsg:organisation/evidence/barts-health"


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Store(tmp_path_factory.mktemp("bundled") / "store")
    build(made, sample_sources())
    return made.path


@pytest.fixture
def evidence(bundled: Path, tmp_path: Path) -> Store:
    """A store of the bundled evidence that a test may change."""
    return Store(shutil.copytree(bundled, tmp_path / "evidence"))


def names(store: Store) -> dict[str, str]:
    return dict(store.current().nodes("Organisation").select("id", "name").rows())


def test_the_bundled_aliases_are_decisions_with_who_when_and_why(evidence: Store):
    decisions = read_decisions(evidence.decisions)
    assert len(decisions) == 99
    (barts,) = (each for each in decisions if each.pair == {BARTS, ALIAS})
    assert (barts.judgement, barts.who, barts.when) == ("same", "icsgraph contributors", "2026-11")
    assert barts.why.startswith("""org_aliases.csv, row 1: named "Bart's Health" at https://""")
    assert evidence.current().manifest["decisions"][0] == decisions[0].as_dict()


def test_an_alias_taken_back_is_an_organisation_of_its_own_and_stays_so(evidence: Store):
    joined, before = content(evidence), names(evidence)
    assert len(naming(evidence, BARTS)) == 4
    undo(evidence, BARTS, ALIAS)
    assert names(evidence) == {**before, ALIAS: "Bart's Health"}
    assert naming(evidence, ALIAS) == ["""named there "Bart's Health\""""]
    assert len(naming(evidence, BARTS)) == 3
    build(evidence, sample_sources())
    assert ALIAS in names(evidence)
    again = next(d for d in read_decisions(bundled_file(evidence)) if d.pair == {BARTS, ALIAS})
    decide(evidence, again)
    assert content(evidence) == joined


def naming(store: Store, thing: str) -> list[str]:
    """How pages name a thing."""
    reports = store.current().relationships("REPORTS").filter(pl.col("object") == thing)
    return sorted(reports["locator"])


def bundled_file(store: Store) -> Path:
    """What the evidence judges itself, as a file of decisions."""
    path = store.path / "stated.csv"
    write_decisions(path, stated_by(store.partitions.glob("*")).values())
    return path


def test_a_source_takes_its_own_judgements_with_it_and_brings_them_again(
    evidence: Store, tmp_path: Path
):
    before = evidence.decisions.read_bytes()
    decide(evidence, judged("ods:RWK", "ods:RAT", why="a test of ours"))
    mine = tmp_path / "mine"
    shutil.copytree(SAMPLE, mine)
    aliases = (mine / "org_aliases.csv").read_text(encoding="utf-8").splitlines()[:2]
    (mine / "org_aliases.csv").write_text("\n".join(aliases) + "\n", encoding="utf-8", newline="\n")
    entry = SourceEntry("mine@1", "evidence", (mine,), "Mine", "2026-12", publisher="Us")
    build(evidence, [entry])
    added = [d for d in read_decisions(evidence.decisions) if d.who == "Us"]
    assert [d.key for d in added] == [
        (*sorted((BARTS, "icsg:organisation/mine/barts-health")), "same")
    ]
    remove(evidence, "mine@1")
    build(evidence)
    undo(evidence, "ods:RAT", "ods:RWK")
    assert evidence.decisions.read_bytes() == before


def test_of_two_editions_the_newer_says_what_a_name_means(evidence: Store, tmp_path: Path):
    newer = tmp_path / "newer"
    shutil.copytree(SAMPLE, newer)
    for file, old, new in (
        ("org_aliases", "Bart's Health,Barts Health NHS Trust", "Bart's Health,NHS England"),
        ("organisations", ",Bart's Health; Newham", ",Newham"),
    ):
        text = (newer / f"{file}.csv").read_text(encoding="utf-8")
        assert old in text
        (newer / f"{file}.csv").write_text(
            text.replace(old, new, 1), encoding="utf-8", newline="\n"
        )
    build(evidence, [SourceEntry("evidence@2027-01", "evidence", (newer,), "Newer", "2027-01")])
    meant = [d.one for d in read_decisions(evidence.decisions) if d.other == ALIAS]
    assert meant == ["icsg:organisation/nhs-england"]
    remove(evidence, "evidence@2027-01")
    build(evidence)
    meant = [d.one for d in read_decisions(evidence.decisions) if d.other == ALIAS]
    assert meant == [BARTS]


# Any sequence

IDS = [f"ods:AB{n}" for n in range(5)]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(IDS), st.sampled_from(IDS), st.sampled_from(["same", "different", "undo"])
    ),
    max_size=14,
)


def replayed(steps) -> list[Decision]:
    """What stands after all steps; one that cannot be taken changes nothing."""
    standing: list[Decision] = []
    for one, other, step in steps:
        try:
            if step == "undo":
                standing = without(standing, one, other)
            else:
                standing = appended(standing, judged(one, other, step))
        except UsageError:
            continue
    return standing


@given(
    steps=STEPS, codes=st.lists(st.sampled_from(["cqc:R1", "cqc:R2", *IDS]), min_size=5, max_size=5)
)
def test_any_sequence_leaves_the_state_of_the_decisions_that_remain(steps, codes):  # fmt: skip
    standing = replayed(steps)
    records = pl.DataFrame(
        {"kind": ["Organisation"] * 5, "id": IDS, "codes": [[code] for code in codes]}
    )
    same = canonical_ids(records, standing)
    assert same.equals(canonical_ids(records, standing[::-1]))
    named = dict(zip(IDS, IDS, strict=True)) | dict(same.select("id", "canonical").iter_rows())
    for each in standing:
        joined = named[each.one] == named[each.other]
        assert joined == (each.judgement == "same")
        assert Judged(standing).fault(each)
    assert replayed([*steps, *((d.one, d.other, "undo") for d in standing)]) == []


@settings(max_examples=6)
@given(
    steps=st.lists(
        st.sampled_from([(PROVIDER, COUNCIL), (TRUST, FORMER), (COUNCIL, PROVIDER)]), max_size=6
    )
)
def test_a_store_is_as_if_what_was_taken_back_had_never_been(tmp_path_factory, steps):
    """Deciding what stands already takes it back; every state has the bytes of its decisions."""
    made = store.__wrapped__(tmp_path_factory.mktemp("sequence"))
    seen: dict[frozenset, str] = {frozenset(): content(made)}
    for one, other in steps:
        judgement = "different" if one == TRUST else "same"
        standing = {each.pair for each in read_decisions(made.decisions)}
        if frozenset((one, other)) in standing:
            undo(made, one, other)
        else:
            decide(made, judged(min(one, other), max(one, other), judgement))
        state = frozenset(each.key for each in read_decisions(made.decisions))
        assert content(made) == seen.setdefault(state, content(made))
