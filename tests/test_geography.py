"""Areas: what lies in what, what became of what, and whose name means which area."""

from pathlib import Path

import polars as pl
import pytest

from icsgraph.graph.identity import canonical_ids
from icsgraph.loaders.geography import PUBLICATIONS, layouts, read
from icsgraph.loaders.layouts import recognised
from icsgraph.loaders.records import FileAccount, Nodes, Relationships, SourceEntry
from icsgraph.loaders.registry import loader
from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.dates import BoundedDate, Certainty, read_day
from icsgraph.ontology.errors import LayoutError

REGISTERS = Path(__file__).with_name("data") / "registers"


def load(*names, as_of="2026-04"):
    files = tuple(REGISTERS / f"{name}.csv" for name in names)
    return list(read(SourceEntry("geography@x", "geography", files, "Areas", as_of)))


def nodes(tables, kind):
    found = [t.rows for t in tables if isinstance(t, Nodes) and t.kind == kind]
    return pl.concat(found, how="diagonal") if found else pl.DataFrame(schema={"id": pl.String})


def statements(tables, kind):
    found = [t.rows for t in tables if isinstance(t, Relationships) and t.kind == kind]
    return pl.concat(found, how="diagonal")


def pairs(tables, kind):
    return set(statements(tables, kind).select("subject", "object").iter_rows())


def node(tables, kind, identifier):
    return nodes(tables, kind).row(by_predicate=pl.col("id") == identifier, named=True)


def accounts(tables):
    return {t.file: t for t in tables if isinstance(t, FileAccount)}


def test_every_layout_is_known_by_a_header_of_its_own():
    found = []
    for one in PUBLICATIONS:
        header = ",".join(f'"{c}"' for c in one.layout.columns if c not in one.layout.optional)
        found.append(recognised(Path("x.csv"), f"{header}\n".encode(), layouts())[0].name)
    assert found == [one.layout.name for one in PUBLICATIONS]
    assert len(set(found)) == 14


@pytest.mark.parametrize("spelled", ["LOC{}", "SICBL{}"])
@pytest.mark.parametrize(("year", "as_of"), [("22", "2022"), ("23", "2025"), ("27", "2025")])
def test_an_edition_of_another_year_with_columns_more_is_read(tmp_path, spelled, year, as_of):
    header, *rows = (REGISTERS / "sub_icb_2022.csv").read_text("utf-8-sig").splitlines()
    other = header.replace("LOC22", spelled.format("22")).replace("22", year)
    path = tmp_path / "edition.csv"
    path.write_text("\n".join([f"{other},ObjectId,GlobalID", *(f"{r},1,x" for r in rows)]), "utf-8")
    tables = list(read(SourceEntry("geography@x", "geography", (path,), "Areas", "2025")))
    assert pairs(tables, "PART_OF") == pairs(load("sub_icb_2022"), "PART_OF")
    held = statements(tables, "SERVES")["start_latest"].str.slice(0, 4).unique()
    assert held.to_list() == [as_of]
    account = next(t for t in tables if isinstance(t, FileAccount))
    assert account.notes[-1] == "columns that are not known, passed over: GlobalID"


def test_ccgs_lie_in_systems_as_of_the_year_in_the_header():
    tables = load("ccg_2020", as_of="2026-04")
    assert pairs(tables, "PART_OF") == {
        ("ons:E38000901", "ods:Q9X"),
        ("ons:E38000902", "ods:Q9Y"),
    }
    assert pairs(tables, "SERVES") == {
        ("ods:99X", "ons:E38000901"),
        ("ods:99Y", "ons:E38000902"),
    }
    first = statements(tables, "PART_OF").row(0, named=True)
    assert (first["start_latest"], first["end_earliest"]) == ("2020-04-30", "2020-04-02")
    assert node(tables, "System", "ods:Q9X")["codes"] == ["ons:E54000901"]
    assert node(tables, "System", "ods:Q9X")["name_before"] == "Healthier Barsetshire"


def test_a_table_of_ons_codes_alone_names_systems_by_them():
    tables = load("ccg_2019")
    assert ("ons:E38000901", "ons:E54000901") in pairs(tables, "PART_OF")
    # One of the five that were given a new ONS code in 2020.
    assert ("ons:E38000903", "ods:QWO") in pairs(tables, "PART_OF")
    assert ("ons:E38000901", "ons:E56000901") in pairs(tables, "PART_OF")
    assert node(tables, "Area", "ons:E56000901")["area_type"] == "cancer-alliance"


def test_boards_lead_their_systems_in_a_region():
    tables = load("sub_icb_2022")
    board = node(tables, "Organisation", "icsg:icb/Q9X")
    assert (board["name"], board["org_type"]) == ("NHS Barsetshire Integrated Care Board", "icb")
    assert board["start_earliest"] == "2022-07-01"
    assert ("icsg:icb/Q9X", "ods:Q9X") in pairs(tables, "MEMBER_OF")
    assert node(tables, "System", "ods:Q9X")["name"] == "Barsetshire"
    assert ("ods:Q9X", "ods:Y62") in pairs(tables, "PART_OF")
    assert node(tables, "Area", "ods:Y62")["codes"] == [
        "icsg:nhs-region/north-west",
        "ons:E40000910",
    ]


def test_several_editions_in_one_give_each_statement_once_with_the_widest_bounds():
    tables = load("ccg_2020", "ccg_2021", "sub_icb_2022")
    parts = statements(tables, "PART_OF").filter(pl.col("subject") == "ons:E38000901")
    assert parts.select("object", "start_latest", "end_earliest").rows() == [
        ("ods:Q9X", "2020-04-30", "2022-07-02")
    ]
    area = node(tables, "Area", "ons:E38000901")
    assert (area["name"], area["other_names"], area["area_type"]) == (
        *("NHS Barsetshire ICB - 99X", ["NHS Barsetshire CCG"], "sub-icb"),
    )


def test_what_became_of_each_system():
    tables = load("timeline")
    succeeded = statements(tables, "SUCCEEDED_BY")
    assert succeeded.select("subject", "object", "share", "start_earliest").rows() == [
        ("ods:Q9Y", "ods:Q9X", 0.25, "2026-04-01"),
        ("ods:Q9Y", "ods:N9W0A", 0.75, "2026-04-01"),
    ]
    ended, new = node(tables, "System", "ods:Q9Y"), node(tables, "System", "ods:N9W0A")
    assert ended["date_text"] == "by 2020-04 to 2026-03-31"
    assert (new["name"], new["statutory_from"]) == ("Framley and Plumstead", "2026-04-01")
    kept = node(tables, "System", "ods:Q9X")
    assert kept["codes"] == ["ons:E54000901", "ons:E54000911"]
    days = ("2026-03-31", "2026-04-01")
    held = {
        s["id"]: [BoundedDate.from_columns(s).holds_on(read_day(d)) for d in days]
        for s in (ended, new, kept)
    }
    assert held == {
        "ods:Q9Y": [Certainty.CERTAIN, Certainty.NO],
        "ods:N9W0A": [Certainty.NO, Certainty.CERTAIN],
        "ods:Q9X": [Certainty.CERTAIN, Certainty.CERTAIN],
    }


def test_authorities_lie_in_systems_with_a_share_that_may_change_in_2026():
    rows = statements(load("authorities_2021"), "PART_OF")
    columns = ("subject", "object", "share", "key", "end_latest")
    assert rows.select(columns).rows() == [
        ("ons:E06000092", "ods:N9W0A", 1.0, "2026", None),
        ("ons:E06000092", "ods:Q9Y", 1.0, "2022", "2026-04-01"),
        ("ons:E06000093", "ods:Q9X", 1.0, "2022", None),
        ("ons:E10000091", "ods:Q9X", 0.6, "2022", "2026-04-01"),
        ("ons:E10000091", "ods:Q9X", 1.0, "2026", None),
        ("ons:E10000091", "ods:Q9Y", 0.4, "2022", "2026-04-01"),
    ]
    assert set(rows.filter(pl.col("key") == "2022")["start_latest"]) == {"2022-07-01"}


@pytest.mark.parametrize(
    ("table", "identifier", "tier", "codes"),
    [
        ("authorities_2021", "ons:E10000091", "upper-tier", ["icsg:local-authority/barsetshire"]),
        ("authorities_2022", "ons:E07000094", "lower-tier", ["icsg:local-authority/hogglestock"]),
        ("regions_2024", "ons:E06000093", None, []),
    ],
)
def test_an_authority_with_its_tier_and_its_key(table, identifier, tier, codes):
    area = node(load(table), "Area", identifier)
    assert area["area_type"] == "-".join(filter(None, ("local-authority", tier)))
    assert area["codes"] == codes


def test_small_areas_become_shares_and_are_accounted_for():
    tables = load("small_areas")
    shares = statements(tables, "PART_OF").select("subject", "object", "share")
    assert set(shares.iter_rows()) == {
        ("ons:E07000094", "ods:Q9X", 0.75),
        ("ons:E07000094", "ods:Q9Y", 0.25),
        ("ons:E38000901", "ods:Q9X", 1.0),
        ("ons:E38000902", "ods:Q9Y", 1.0),
    }
    account = accounts(tables)["small_areas.csv"]
    assert (account.accepted.to_list(), account.merged.to_list()) == ([1, 4], [2, 3])


def test_the_register_of_authorities_knows_ends_and_successors():
    tables = load("authority_register", as_of="2025-07")
    assert node(tables, "Area", "ons:E47000091")["area_type"] == "combined-authority"
    county = node(tables, "Area", "ons:E10000091")
    assert (county["end_latest"], county["date_text"]) == ("2021-04-01", "unknown to 2021-03-31")
    # Here the end date is the first day of the successor.
    ufford = node(tables, "Area", "ons:E06000098")
    assert (ufford["end_latest"], ufford["date_text"]) == ("2023-04-01", "unknown to 2023-03-31")
    assert pairs(tables, "SUCCEEDED_BY") == {
        ("ons:E10000091", "ons:E06000095"),
        ("ons:E10000091", "ons:E06000097"),
        ("ons:E06000098", "ons:E06000099"),
    }
    barchester = node(tables, "Area", "ons:E06000095")
    assert barchester["codes"] == [
        *("icsg:local-authority/barchester", "icsg:local-authority-code/bar", "ons:E06000096"),
    ]
    assert ("ons:E06000095", "ons:E47000091") in pairs(tables, "PART_OF")
    assert ("ons:E06000095", "icsg:region/north-west") in pairs(tables, "PART_OF")
    # A start in the months in which the register was begun says no more than "by then".
    assert node(tables, "Area", "ons:E47000091")["date_text"] == "by 2005-06-18"


def test_a_name_that_two_authorities_have_is_a_key_to_neither():
    for table, as_of in (("authority_register", "2025-07"), ("authority_names", "2025-07")):
        codes = nodes(load(table, as_of=as_of), "Area")["codes"].explode(empty_as_null=True)
        assert "icsg:local-authority/ufford" not in codes.to_list()
        assert "icsg:local-authority/barsetshire" in codes.to_list()


def test_spellings_of_one_name_are_merged():
    tables = load("authority_names", as_of="2025-07")
    account = accounts(tables)["authority_names.csv"]
    assert (account.rows_in, account.merged.to_list()) == (6, [3])
    assert account.notes[-1] == "names of two authorities, so keys to neither: Ufford"
    county = node(tables, "Area", "icsg:local-authority-code/bas")
    assert county["other_names"] == ["Barsetshire", "Barsetshire County Council"]


@pytest.mark.parametrize(
    ("table", "old", "new", "column", "reason"),
    [
        ("ccg_2020", "E38000901", "E39000901", "CCG20CD", "is not an ONS code of a CCG"),
        ("ccg_2020", "E54000901,Q9X", "E54000901,", "STP20CDH", "is missing"),
        ("timeline", "0.25", "25 %", "share_of_icb22", "is not a share from 0 to 1"),
        ("timeline", "0.25", "1.25", "share_of_icb22", "is not a share from 0 to 1"),
        ("authority_register", '"BAR,CHA"', "BAR", "", ""),
        ("authority_register", '"BAR,CHA"', "ZZZ", "replaced-by", "names a code of no row here"),
        ("authority_register", ",BCA,", ",XXX,", "combined-authority", "is no code of a row here"),
        (
            "authority_register",
            "Barsetshire,E10",
            "?,E10",
            "nice-name",
            "is not the name of a place",
        ),
        ("regions_2024", "North West", "--", "region24_name", "is not the name of a place"),
        ("authority_register", "2021-03-31", "2021-03-32", "end-date", "is no day of the calendar"),
    ],
)
def test_a_row_with_a_fault_is_rejected(tmp_path, table, old, new, column, reason):
    text = (REGISTERS / f"{table}.csv").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "table.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    tables = list(read(SourceEntry("geography@x", "geography", (path,), "Areas", "2025-07")))
    rejected = accounts(tables)["table.csv"].rejected
    if not column:
        assert rejected.is_empty()
    else:
        ((where, why),) = rejected.select("column", "reason").unique().rows()
        assert where == column and why.startswith(reason)


def test_a_missing_column_is_named_with_the_nearest(tmp_path):
    path = tmp_path / "ccg.csv"
    text = (REGISTERS / "ccg_2020.csv").read_text(encoding="utf-8")
    path.write_text(text.replace("STP20CDH", "STP20CDO"), encoding="utf-8", newline="\n")
    with pytest.raises(LayoutError, match='"STP20CDH" is missing; the nearest that it has is "STP'):
        list(read(SourceEntry("geography@x", "geography", (path,), "Areas", "2020")))


@pytest.fixture(scope="module")
def england(shared):
    sources = read_sources(REGISTERS.parent / "all.toml")
    wanted = ("geography", "cqc-ratings")
    return {e.id: list(loader(e.kind).read(e)) for e in sources if e.kind in wanted}


CQC = "cqc-ratings-england@2021-02"
AUTHORITIES = "geography-authorities@2026-04"
NAMES = "local-authorities@2025-07"


def keys(tables):
    """Every key of an area, with the area's id."""
    areas = nodes(tables, "Area").select("id", "codes")
    return areas.explode("codes", empty_as_null=True).drop_nulls()


def systems_by_ccg(england):
    """Each location of the CQC with its system, by the CCG it lies in."""
    lies = statements(england[CQC], "LOCATED_IN").filter(pl.col("object").str.starts_with("ons:"))
    parts = statements(england["geography-ccg@2020-04"], "PART_OF")
    whole = parts.select(pl.col("subject").alias("object"), pl.col("object").alias("system"))
    return lies.join(whole, on="object").select(pl.col("subject").alias("location"), "system")


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        ("geography-ccg@2019-07", [(191, 191, 0)]),
        ("geography-ccg@2020-04", [(135, 135, 0)]),
        ("geography-ccg@2021-04", [(106, 106, 0)]),
        ("geography-sub-icb@2022-07", [(106, 106, 0)]),
        ("geography-small-areas@2022-07", [(32844, 340, 32504)]),
        ("geography-boards@2024-12", [(42, 42, 0)]),
        (AUTHORITIES, [(164, 164, 0), (321, 321, 0)]),
        ("geography-timeline@2026-04", [(46, 46, 0)]),
        ("geography-regions@2024", [(296, 296, 0)]),
        (NAMES, [(470, 470, 0), (1774, 1250, 524)]),
    ],
)
def test_every_row_of_england_is_accounted_for(england, source, counts):
    found = accounts(england[source]).values()
    assert [(a.rows_in, len(a.accepted), len(a.merged)) for a in found] == counts
    assert sum(len(a.rejected) for a in found) == 0


def test_every_location_reaches_a_system_by_its_ccg(england):
    reached = systems_by_ccg(england)
    assert (reached["location"].n_unique(), reached.height) == (31966, 31966)
    assert reached["system"].n_unique() == 42


def test_the_systems_of_2020_and_of_2022_have_the_same_ods_codes(england):
    of_2020, of_2022 = (
        set(nodes(england[source], "System")["id"])
        for source in ("geography-ccg@2020-04", "geography-sub-icb@2022-07")
    )
    assert of_2020 == of_2022 and len(of_2020) == 42


def test_42_systems_became_36(england):
    systems = nodes(england["geography-timeline@2026-04"], "System")
    ended = systems["end_latest"].is_not_null().sum()
    begun = (systems["start_earliest"] == "2026-04-01").sum()
    assert (systems.height, ended, begun, systems.height - ended) == (48, 12, 6, 36)
    assert statements(england["geography-timeline@2026-04"], "SUCCEEDED_BY").height == 16


def test_names_of_authorities_lead_to_areas(england):
    named = set(
        statements(england[CQC], "LOCATED_IN").filter(
            pl.col("object").str.starts_with("icsg:local-authority/")
        )["object"]
    )
    by_code = named & set(keys(england[AUTHORITIES])["codes"])
    by_name = named & (set(keys(england[NAMES])["codes"]) | by_code)
    assert (len(named), len(by_code), len(by_name)) == (151, 150, 151)
    assert named - by_code == {"icsg:local-authority/northamptonshire"}


def test_no_name_stands_for_two_areas(england):
    tables = [nodes(found, "Area") for found in england.values()]
    records = pl.concat(
        [
            t.with_columns(kind=pl.lit("Area")).select("kind", "id", "codes")
            for t in tables
            if "codes" in t.columns
        ]
    )
    same = canonical_ids(records)
    joined = same.filter(pl.col("id").str.starts_with("ons:"))
    # Two areas with ONS codes that a name had joined to one would stand here.
    assert joined.rows() == []
    one = records.join(same, on=["kind", "id"], how="left").with_columns(
        pl.coalesce("canonical", "id").alias("id")
    )
    of_keys = one.explode("codes", empty_as_null=True).filter(
        pl.col("codes").str.starts_with("icsg:local-authority/")
    )
    assert of_keys.group_by("codes").agg(pl.col("id").n_unique())["id"].max() == 1


def test_authorities_in_several_systems(england):
    tables = list(
        t for t in england[AUTHORITIES] if isinstance(t, Relationships) and t.kind == "PART_OF"
    )
    upper = tables[0].rows.filter(
        pl.col("key") == "2022", ~pl.col("subject").str.starts_with("ons:E07")
    )
    number = upper.group_by("subject").len()
    assert (number.height, number.filter(pl.col("len") > 1).height) == (152, 10)


def test_systems_by_authority_agree_with_systems_by_ccg(england):
    named = statements(england[CQC], "LOCATED_IN").select("subject", "object")
    authority = named.join(keys(england[AUTHORITIES]), left_on="object", right_on="codes")
    parts = statements(england[AUTHORITIES], "PART_OF").filter(pl.col("key") == "2022")
    whole = parts.select(pl.col("subject").alias("id"), pl.col("object").alias("system"))
    both = authority.join(whole, on="id").select(pl.col("subject").alias("location"), "system")
    agreed = both.join(systems_by_ccg(england), on=["location", "system"], how="semi")
    share = agreed["location"].n_unique() / authority["subject"].n_unique()
    assert round(share, 3) == 0.994


def test_brands_and_providers_across_borders(england):
    operates = statements(england[CQC], "OPERATES").select(
        pl.col("subject").alias("provider"), pl.col("object").alias("location")
    )
    placed = operates.join(systems_by_ccg(england), on="location")
    brands = statements(england[CQC], "PART_OF").filter(pl.col("object").str.contains(":BD"))
    branded = placed.join(
        brands.select(pl.col("subject").alias("provider"), pl.col("object").alias("brand")),
        on="provider",
    )

    def across(rows, column):
        systems = rows.group_by(column).agg(pl.col("system").n_unique())
        return systems.height, systems.filter(pl.col("system") > 1).height

    assert across(placed, "provider") == (19669, 1127)
    assert across(branded, "brand") == (353, 292)
