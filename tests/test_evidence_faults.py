"""A folder of evidence with mistakes: what is wrong is rejected with its place, the rest read."""

import pytest

from icsgraph.loaders.evidence import read
from icsgraph.loaders.records import FileAccount, Nodes, Relationships, SourceEntry
from icsgraph.ontology.errors import FileFault, LayoutError
from icsgraph.ontology.relationships import RELATIONSHIP_KINDS

PAGE = "https://example.org/report"

# One review of one system, one finding in it, one tie; the optional files are absent.
SMALL = {
    "sources": f"""\
source_key,url,title,stored_text_cut,findings_using
REP,{PAGE},A report,no,1
""",
    "reviews": """\
review_id,topic,phase,fieldwork_start,fieldwork_end,published,title,source_url,note
PCR1-OP,Care for older people,1,2020-07,2020-08,,First report,,
CTX,Context,,,,various,various,,
""",
    "systems": """\
system_id,ods_code,ons_code,name,name_before_2022_07,region,region_ods,valid_from,statutory_from,\
valid_to,lon,lat
ods:QE1,QE1,,Lancashire,Healthier Lancashire,North West,Y62,by 2020-04,2022-07-01,,-2.6,54.0
ods:QOP,QOP,,Manchester,,North West,,by 2020-04,2022-07-01,,-2.3,53.4
""",
    "system_successions": "system_id,successor_id,date,share_of_area\n",
    "organisations": f"""\
name,type,ods_code,icb_2022,icb_ods,also_seen_as,source_url,note
Northern Trust (East),NHS acute trust,RXN,NHS Lancashire ICB,QE1,Northern,{PAGE},
Southern Council,council,,,,,,
""",
    "org_aliases": f"""\
alias_as_published,canonical_name,source_url
The Northern,Northern Trust (East),{PAGE}
""",
    "review_areas": f"""\
review_id,area_name,icb_2022,ods_code,note,source_url
PCR1-OP,Healthier Lancashire,NHS Lancashire ICB,QE1,,{PAGE}
""",
    "themes": f"""\
topic,review_id,theme,level,definition,status,source_url
Older people,PCR1-OP,System working,theme,,published,{PAGE}
""",
    "findings": f"""\
finding_id,review_id,area,kind,theme,short_name,description,organisations,sectors,technology,\
population_group,period,source_url,source_title,area_ods,place,evidence_class,cluster,\
related_review,source_text_cut,other_source_urls,note
F-1,PCR1-OP,Lancashire,innovation,System working,Hub,A hub,\
Northern Trust (East); The Northern (lead),acute,,,2020,{PAGE},,QE1,,pcr_report,discharge_hub,,no,,
""",
    "evaluation": f"""\
eval_id,kind,short_name,description,applies_to,source_file,source_url
EV-1,limit,Narrow,Too narrow,all,,{PAGE}
""",
    "ties": f"""\
subject_org,relation,object_org,area,about,start,source_url,area_ods
The Northern,supports,Southern Council,,F-1,2020-03,{PAGE},QE1
""",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in SMALL.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return tmp_path


def add(folder, name, text):
    with (folder / f"{name}.csv").open("a", encoding="utf-8", newline="") as file:
        file.write(text + "\n")


def swap(folder, name, old, new):
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")


def told(folder):
    """Tables by kind, and the rejects as (file, row, column, value, reason)."""
    entry = SourceEntry("mine@2026-11", "evidence", (folder,), "Mine", "2026-11")
    tables = list(read(entry))
    accounts = [table.check() for table in tables if isinstance(table, FileAccount)]
    faults = [
        tuple(fault[column] for column in ("file", "row", "column", "value", "reason"))
        for account in accounts
        for fault in account.rejected.iter_rows(named=True)
    ]
    built = {t.kind: t for t in tables if isinstance(t, Nodes | Relationships)}
    assert not_dangling(built)
    return {kind: table.rows for kind, table in built.items()}, faults


def not_dangling(built):
    kind_of = {
        i: k for k, table in built.items() if isinstance(table, Nodes) for i in table.rows["id"]
    }
    for kind, model in RELATIONSHIP_KINDS.items():
        if kind in built:
            assert {kind_of.get(i) for i in built[kind].rows["subject"]} <= set(model.domain)
            assert {kind_of.get(i) for i in built[kind].rows["object"]} <= set(model.range)
    return True


def test_a_small_folder_without_coding_is_read_whole(folder):
    tables, faults = told(folder)
    assert faults == []
    assert tables["Innovation"]["name"].to_list() == ["Discharge hub"]
    concerned = tables["CONCERNS"].filter(tables["CONCERNS"]["subject"] == "icsg:finding/F-1")
    assert concerned.select("object", "role").rows() == [
        ("icsg:organisation/mine/the-northern", "lead"),
        ("ods:QE1", None),
        ("ods:RXN", None),
    ]
    assert tables["SUPPORTS"].select("subject", "object", "date_text").rows() == [
        ("icsg:organisation/mine/the-northern", "icsg:organisation/southern-council", "2020-03")
    ]
    # Manchester's row has no code of its region; Lancashire's has, for a region of that name.
    assert tables["PART_OF"]["object"].to_list() == ["ods:Y62", "ods:Y62"]
    findings = tables["Finding"]
    assert findings.filter(findings["id"] == "icsg:finding/F-1").select("level").item() == "system"
    assert "voice" not in findings.columns and "ADDRESSES" not in tables


def finding(**cells):
    columns = SMALL["findings"].partition("\n")[0].split(",")
    usual = {"review_id": "PCR1-OP", "kind": "innovation", "short_name": "Next", "source_url": PAGE}
    row = {"finding_id": "F-2", "evidence_class": "pcr_report", **usual, **cells}
    return ",".join(f'"{row.get(column, "")}"' for column in columns)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("finding_id", "F-1", "is the id of an earlier row"),
        ("finding_id", "F 2", "is no identifier"),
        ("kind", "miracle", "is no finding kind"),
        ("evidence_class", "hearsay", "is no evidence class"),
        ("review_id", "PCR9-XX", "is no review in reviews.csv"),
        ("related_review", "CTX", "is none of the reviews"),
        ("area_ods", "QE9", "is no code of a system in systems.csv"),
        ("period", "2021-02-30", "is no date"),
        ("period", "last winter", "is no date"),
        ("organisations", "Western Trust (lead)", 'holds "Western Trust", which neither'),
        ("source_url", "https://example.org/other", "holds an address that sources.csv does not"),
        ("source_text_cut", "maybe", "is neither yes nor no"),
        ("short_name", "", "is missing"),
        ("sectors", "???", "makes no identifier"),
    ],
)
def test_a_wrong_finding_is_rejected_and_the_other_read(folder, column, value, reason):
    add(folder, "findings", finding(**{column: value}))
    tables, faults = told(folder)
    assert [fault[:4] for fault in faults] == [("findings.csv", 2, column, value)]
    assert faults[0][4].startswith(reason)
    assert tables["Finding"]["id"].to_list() == ["icsg:finding/EV-1", "icsg:finding/F-1"]


def test_an_area_without_a_code_is_rejected(folder):
    add(folder, "findings", finding(area="Somewhere"))
    _tables, faults = told(folder)
    assert faults == [
        ("findings.csv", 2, "area_ods", "", "is missing though an area is named"),
    ]


def test_every_fault_of_a_row_is_named(folder):
    add(folder, "findings", finding(kind="miracle", period="soon"))
    _tables, faults = told(folder)
    assert [(row, column) for _file, row, column, _value, _reason in faults] == [
        (2, "kind"),
        (2, "period"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("supports", "sponsors", "relation", "is no kind of tie"),
        ("Southern Council", "Eastern Council", "object_org", 'holds "Eastern Council", which'),
        ("F-1", "F-9", "about", "is no finding that was read"),
        ("2020-03", "March 2020", "start", "is no date"),
        ("Southern Council", "Northern Trust (East)", "object_org", "is the same body"),
    ],
)
def test_a_wrong_tie_is_rejected(folder, old, new, column, reason):
    swap(folder, "ties", old, new)
    tables, [(file, row, of, value, said)] = told(folder)
    assert (file, row, of, value) == ("ties.csv", 1, column, new)
    assert said.startswith(reason)
    assert "SUPPORTS" not in tables


def test_what_rests_on_a_rejected_row_is_rejected_with_it(folder):
    swap(folder, "organisations", "QE1,Northern", "QE9,Northern")
    tables, faults = told(folder)
    assert [(file, column) for file, _row, column, _value, _reason in faults] == [
        ("organisations.csv", "icb_ods"),
        ("org_aliases.csv", "canonical_name"),
        ("findings.csv", "organisations"),
        ("findings.csv", "organisations"),
        ("ties.csv", "subject_org"),
        ("ties.csv", "about"),
    ]
    assert tables["Finding"]["id"].to_list() == ["icsg:finding/EV-1"]


def test_an_other_name_of_organisations_csv_is_enough(folder):
    swap(folder, "findings", "The Northern (lead)", "northern (lead)")
    tables, faults = told(folder)
    named = tables["CONCERNS"].filter(tables["CONCERNS"]["role"] == "lead")
    assert (faults, named["object"].to_list()) == ([], ["ods:RXN"])


def test_a_name_for_two_bodies_means_neither(folder):
    add(folder, "org_aliases", f"The Northern,Southern Council,{PAGE}")
    _tables, faults = told(folder)
    assert [fault[:3] for fault in faults] == [
        ("findings.csv", 1, "organisations"),
        ("ties.csv", 1, "subject_org"),
        ("ties.csv", 1, "about"),
    ]
    assert "stands for several: icsg:organisation/southern-council, ods:RXN" in faults[0][4]


def test_the_nearest_are_named(folder):
    swap(folder, "findings", "The Northern (lead)", "The Norther (lead)")
    entry = SourceEntry("mine@1", "evidence", (folder,), "Mine", "2026-11")
    accounts = {t.file: t for t in read(entry) if isinstance(t, FileAccount)}
    assert accounts["findings.csv"].rejected["what_to_do"][0].startswith("The nearest: ")


@pytest.mark.parametrize(
    ("file", "line", "column"),
    [
        ("sources", f"REP2,{PAGE},Again,no,0", "url"),
        ("sources", "REP,https://example.org/2,Again,no,0", "source_key"),
        ("reviews", "PCR1-OP,Again,2,,,,,,", "review_id"),
        ("reviews", "PCR2-X,Cancer,2,2021-04,2021-03,,,,", "fieldwork_start"),
        ("systems", "ods:QE1,QE1,,Again,,,,,,,,", "ods_code"),
        ("systems", "ods:QE2,QE3,,Other,,,,,,,,", "system_id"),
        ("systems", "ods:QE2,QE2,,Other,,,,2022,,2021,,", "valid_to"),
        ("systems", "ods:QE2,QE2,,Other,,,,,,,200,54", "lon"),
        ("system_successions", "ods:QE1,ods:QZZ,2026-04-01,1", "successor_id"),
        ("system_successions", "ods:QE1,ods:QOP,2026-04-01,7", "share_of_area"),
        ("organisations", "Southern Council,council,,,,,,again", "name"),
        ("organisations", "Southern-Council,council,,,,,,", "name"),
        ("organisations", "Western Trust,NHS acute trust,RXN,,,,,", "ods_code"),
        ("organisations", "Their Partnership,ICS/STP,,,,,,", "icb_ods"),
        ("org_aliases", f"The Western,Western Trust,{PAGE}", "canonical_name"),
        ("review_areas", f"PCR1-OP,Elsewhere,,,,{PAGE}", "ods_code"),
        ("review_areas", f"PCR1-OP,Lancashire again,,QE1,,{PAGE}", "ods_code"),
        ("themes", f"Context,CTX,System working,theme,,,{PAGE}", "review_id"),
        ("evaluation", f"EV-2,limit,Wide,,some,,{PAGE}", "applies_to"),
        ("evaluation", f"EV-1,limit,Wide,,all,,{PAGE}", "eval_id"),
    ],
)
def test_a_wrong_row_of_any_file_is_rejected(folder, file, line, column):
    add(folder, file, line)
    _tables, faults = told(folder)
    rows = SMALL[file].count("\n")
    assert [fault[:3] for fault in faults] == [(f"{file}.csv", rows, column)]


def coded(folder, *lines):
    text = "finding_id,field,value,words,level,note\n" + "".join(f"{line}\n" for line in lines)
    (folder / "coding.csv").write_text(text, encoding="utf-8", newline="")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("F-9,voice,public,,finding,", "finding_id"),
        ("F-1,mood,sad,,finding,", "field"),
        ("F-1,voice,robot,,finding,", "value"),
        ("F-1,challenge,Embrace change,,inference,", "value"),
        ("F-1,voice,public,,hunch,", "level"),
    ],
)
def test_wrong_coding_is_rejected(folder, line, column):
    coded(folder, "F-1,stage,considered,exploring,finding,", line)
    tables, faults = told(folder)
    assert [fault[:3] for fault in faults] == [("coding.csv", 2, column)]
    assert "ADOPTED" not in tables


def test_two_voices_are_not_made_one(folder):
    coded(folder, "F-1,voice,public,,finding,", "F-1,voice,staff,,finding,")
    tables, faults = told(folder)
    assert [fault[1:4] for fault in faults] == [(2, "value", "staff")]
    assert tables["Finding"]["voice"].drop_nulls().to_list() == ["public"]


def test_a_cluster_that_is_said_to_be_what_it_is_not_is_rejected(folder):
    text = "cluster,label,definition,becomes_innovation,becomes_barrier\n"
    text += "discharge_hub,Hub,,no,no\nother,Other,,no,no\n"
    (folder / "clusters.csv").write_text(text, encoding="utf-8", newline="")
    tables, faults = told(folder)
    assert [fault[:3] for fault in faults] == [
        ("clusters.csv", 1, "becomes_innovation"),
        ("clusters.csv", 2, "cluster"),
    ]
    assert tables["Innovation"]["name"].to_list() == ["Discharge hub"]


def test_a_type_that_is_not_known_is_kept_as_published_and_noted(folder):
    swap(folder, "organisations", "Southern Council,council", "Southern Council,moot")
    entry = SourceEntry("mine@1", "evidence", (folder,), "Mine", "2026-11")
    tables = list(read(entry))
    notes = [t.notes for t in tables if isinstance(t, FileAccount) and t.notes]
    assert notes == [('row 2: the type "moot" is not known',)]
    bodies = next(t.rows for t in tables if isinstance(t, Nodes) and t.kind == "Organisation")
    kept = bodies.filter(bodies["name"] == "Southern Council")
    assert kept.select("org_type", "type_as_published").row(0) == (None, "moot")


def test_a_page_that_is_used_otherwise_than_it_says_is_noted(folder):
    swap(folder, "sources", "no,1", "no,3")
    entry = SourceEntry("mine@1", "evidence", (folder,), "Mine", "2026-11")
    notes = [t.notes for t in read(entry) if isinstance(t, FileAccount) and t.notes]
    assert notes == [("row 1, REP: findings_using is 3, but 1 were read",)]


def test_a_folder_without_a_file_is_no_folder_of_evidence(folder):
    (folder / "ties.csv").unlink()
    (folder / "themes.csv").unlink()
    with pytest.raises(LayoutError, match=r"it has no themes\.csv, ties\.csv\.\nA folder of"):
        told(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("object_org", "objekt", 'the column "objekt" is not known'),
        ("about,", "about,extra,", 'the column "extra" is not known'),
        (
            "subject_org,relation,object_org,area,about",
            "a,b,c,d,e",
            'its first line is "a,b,c,d,e,',
        ),
    ],
)
def test_a_file_with_other_columns_stops_the_reading(folder, old, new, said):
    swap(folder, "ties", old, new)
    with pytest.raises(LayoutError) as refused:
        told(folder)
    assert said in refused.value.message and "ties.csv" in refused.value.message


def test_an_empty_file_stops_the_reading(folder):
    (folder / "ties.csv").write_bytes(b"")
    with pytest.raises(FileFault, match=r"ties\.csv: the file is empty"):
        told(folder)


def test_half_a_file_stops_the_reading(folder):
    path = folder / "findings.csv"
    add(folder, "findings", finding())
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(LayoutError):
        told(folder)


def test_a_short_row_is_rejected(folder):
    add(folder, "findings", "F-2,PCR1-OP,,innovation")
    add(folder, "findings", finding(finding_id="F-3"))
    tables, faults = told(folder)
    assert [fault[:2] for fault in faults] == [("findings.csv", 2)]
    assert "icsg:finding/F-3" in tables["Finding"]["id"].to_list()


def test_a_repeated_row_is_merged(folder):
    add(folder, "ties", f"The Northern,supports,Southern Council,,F-1,2020-03,{PAGE},QE1")
    tables, faults = told(folder)
    assert (faults, tables["SUPPORTS"].height) == ([], 1)


def test_the_order_of_files_and_rows_changes_nothing_but_row_numbers(folder):
    add(folder, "findings", finding(cluster="discharge_hub", sectors="acute;council"))
    before, _faults = told(folder)
    lines = (folder / "findings.csv").read_text(encoding="utf-8").splitlines()
    text = "\n".join([lines[0], lines[2], lines[1]]) + "\n"
    (folder / "findings.csv").write_text(text, encoding="utf-8", newline="")
    after, _faults = told(folder)
    assert before.keys() == after.keys()
    for kind, table in before.items():
        columns = [column for column in table.columns if column != "locator"]
        assert table.select(columns).equals(after[kind].select(columns)), kind
