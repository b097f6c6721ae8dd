"""Ties of somebody's own files: which things they join, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from ..ontology.errors import nearest_names
from ..ontology.identifiers import PATTERN
from ..ontology.relationships import RELATIONSHIP_KINDS
from ..ontology.tables import schema
from .cleaning import same_key
from .delimited import Sheet
from .mapping_checks import DATES, columns_of, joined_by, kinds_of
from .mapping_parts import End, NodeList, TieList
from .own_fields import Cells, converted, refuse, refuse_long, with_dates, with_fields
from .own_identifiers import identified
from .records import Nodes, Relationships

__all__ = ["known_things", "tie_tables", "with_kinds"]

ENDS = ("subject", "object")
_APART = ("role", "period", "measure", "treatment_function")
"""Fields that tell apart statements between the same two things, beside their dates."""

_CODE, _NAME, _OTHER = 0, 1, 2
_MOST_HINTS = 50


def known_things(nodes: Sequence[Nodes]) -> pl.DataFrame:
    """Every wording that means a thing of the node lists: `wording` (small letters), `rank` (the
    lower goes first), `id`, `kind`."""
    parts = [_wordings(table) for table in nodes]
    columns = {"wording": pl.String, "rank": pl.Int32, "id": pl.String, "kind": pl.String}
    return pl.concat([pl.DataFrame(schema=columns), *parts]).unique(maintain_order=True)


def _wordings(table: Nodes) -> pl.DataFrame:
    rows = table.rows
    codes = pl.concat_list("id", "codes")
    said = {
        _CODE: [codes, codes.list.eval(pl.element().str.replace("^[a-z]+:", ""))],
        _NAME: [pl.concat_list("name")] if "name" in rows.columns else [],
        _OTHER: [pl.col("other_names")] if "other_names" in rows.columns else [],
    }
    return (
        pl.concat(
            rows.select(
                words.alias("wording"),
                pl.lit(rank, pl.Int32).alias("rank"),
                "id",
                pl.lit(table.kind).alias("kind"),
            ).explode("wording", empty_as_null=False)
            for rank, several in said.items()
            for words in several
        )
        .with_columns(_folded("wording"))
        .drop_nulls("wording")
    )


def _folded(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().str.replace_all(r"\s+", " ")


def with_kinds(ties: TieList, nodes: Sequence[NodeList]) -> TieList:
    """The ties with a kind for each end that is identified as a node list of the same file
    identifies its things: it is one of them, even where its row was rejected there."""
    here = (ties.file, ties.sheet)
    listed = {rows.id: rows.kind for rows in nodes if (rows.file, rows.sheet) == here}
    ends = {"subject": ties.subject, "object": ties.object}
    kinds = {name: listed.get(end.id, "") for name, end in ends.items() if not end.kind}
    told = {
        name: ends[name].model_copy(update={"kind": kind})
        for name, kind in kinds.items()
        if kind in joined_by(kinds_of(ties)[0], name)
    }
    return ties.model_copy(update=told)


def tie_tables(
    sheet: Sheet, ties: TieList, cells: Cells, things: pl.DataFrame, *, optional: bool
) -> tuple[Sheet, list[Nodes | Relationships]]:
    """The sheet without what could not be read, and its ties with the things at their ends.

    `things` are those of the node lists. Where ties are `optional` (a column of a file that is read
    for something else too), a row with a blank end is passed over.
    """
    sheet = _with_kind(sheet, ties, cells)
    sheet = with_fields(sheet, ties, cells, kinds_of(ties))
    sheet = with_dates(sheet, ties, cells)
    ends: dict[str, End] = {"subject": ties.subject, "object": ties.object}
    if optional:
        sheet = _without_blank_ends(sheet, ends, cells)
    for name, end in ends.items():
        sheet = _ended(sheet, name, end, ties, cells, things)
    sheet = _one_id_a_name(sheet, ends, cells)
    same = sheet.rows.filter(pl.col("subject") == pl.col("object"))
    hint = "Correct the code of one, or leave the tie out: a thing has none to itself."
    sheet = refuse(sheet, same, "object", "is the same thing as the subject", hint)
    sheet = _one_each(sheet, ties, cells)
    nodes = [_end_nodes(sheet, name, end, ties, cells, things) for name, end in ends.items()]
    return sheet, [*nodes, *_stated(sheet, ties)]


def _with_kind(sheet: Sheet, ties: TieList, cells: Cells) -> Sheet:
    if ties.kind:
        return sheet.derive(pl.lit(ties.kind).alias("kind"))
    column = cells[ties.columns["kind"][0]]
    words = {_plain(word): str(kind) for word, kind in ties.words.get("kind", {}).items()}
    for kind in kinds_of(ties):
        words.setdefault(_plain(kind), kind)
        words.setdefault(_plain(RELATIONSHIP_KINDS[kind].label), kind)
    blank = sheet.rows.filter(pl.col(column).is_null())
    sheet = refuse(sheet, blank, column, "is missing, so it is not known which tie it is")
    known = [*ties.words.get("kind", {})] or [RELATIONSHIP_KINDS[k].label for k in kinds_of(ties)]
    return converted(
        sheet, column, "kind", lambda text: words.get(_plain(text)), "kind of tie", known
    )


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())


def _without_blank_ends(sheet: Sheet, ends: Mapping[str, End], cells: Cells) -> Sheet:
    blank = sheet.rows.filter(pl.any_horizontal(_is_blank(end, cells) for end in ends.values()))
    return sheet.merge(blank["row"], f"rows without this tie, passed over: {blank.height}")


def _is_blank(end: End, cells: Cells) -> pl.Expr:
    """Whether a row says nothing of this end."""
    needed = [[end.find]] if end.find else [columns_of(t) or [end.name] for t in end.id]
    unfilled = [pl.any_horizontal(pl.col(cells[c]).is_null() for c in some if c) for some in needed]
    return pl.all_horizontal(unfilled)


def _ended(
    sheet: Sheet, name: str, end: End, ties: TieList, cells: Cells, things: pl.DataFrame
) -> Sheet:
    """The sheet with the identifier at one end of each tie."""
    if end.name:
        sheet = refuse_long(sheet, cells[end.name])
    if end.id:
        return identified(sheet, end.id, cells, cells.get(end.name, ""), name)
    column = cells[end.find]
    allowed = joined_by(kinds_of(ties)[0], name)
    known = things.filter(pl.col("kind").is_in(allowed))
    blank = sheet.rows.filter(pl.col(column).is_null())
    sheet = refuse(sheet, blank, column, "is missing, so the tie has no second end")
    found = _found(sheet.rows.select("row", column), column, known)
    sheet = sheet.derive(found["id"].alias(name), pl.lit(0, pl.Int32).alias(f"{name}_rank"))
    several = sheet.rows.filter(found["several"].fill_null(False))
    sheet = refuse(
        sheet, several, column, "stands for several things of the node lists", "Write its code."
    )
    return _unfound(sheet, column, name, known["wording"].unique().sort().to_list())


def _found(rows: pl.DataFrame, column: str, known: pl.DataFrame) -> pl.DataFrame:
    """For each row the `id` that its cell means, or an identifier that it is; and whether it may
    be `several`."""
    best = known.filter(pl.col("rank") == pl.col("rank").min().over("wording"))
    one = best.group_by("wording").agg(
        pl.col("id").first(), (pl.col("id").n_unique() > 1).alias("several")
    )
    asked = rows.with_columns(_folded(column).alias("wording"))
    joined = asked.join(one, on="wording", how="left", maintain_order="left")
    itself = pl.when(pl.col(column).str.contains(PATTERN)).then(pl.col(column))
    return joined.with_columns(pl.coalesce("id", itself).alias("id"))


def _unfound(sheet: Sheet, column: str, name: str, known: Sequence[str]) -> Sheet:
    missing = sheet.rows.filter(pl.col(name).is_null())
    texts = missing[column].unique().sort().to_list()
    for text in texts[:_MOST_HINTS]:
        near = nearest_names(text, known)
        hint = f"The nearest: {', '.join(near)}." if near else "Add it to a node list."
        some = missing.filter(pl.col(column) == text)
        sheet = refuse(sheet, some, column, "is no name or code of the node lists", hint)
    rest = missing.filter(pl.col(column).is_in(texts[_MOST_HINTS:]))
    return refuse(sheet, rest, column, "is no name or code of the node lists", "Add it to one.")


def _one_id_a_name(sheet: Sheet, ends: Mapping[str, End], cells: Cells) -> Sheet:
    """Where one row of a file gives a body's code and another only its name, both mean that body;
    so long as the name has one code only."""
    named = {name: cells[end.name] for name, end in ends.items() if end.name and len(end.id) > 1}
    if not named:
        return sheet
    told = pl.concat(
        sheet.rows.select(
            pl.col(column).alias("name"),
            pl.col(name).alias("id"),
            pl.col(f"{name}_rank").alias("rank"),
        )
        for name, column in named.items()
    ).with_columns(_folded("name"))
    coded = told.filter(pl.col("rank") == 0).group_by("name").agg(pl.col("id").unique())
    coded = coded.filter(pl.col("id").list.len() == 1).with_columns(pl.col("id").list.first())
    codes = dict(coded.drop_nulls().iter_rows())
    for name, column in named.items():
        better = _folded(column).replace_strict(codes, default=None, return_dtype=pl.String)
        later = pl.when(pl.col(f"{name}_rank") > 0).then(better)
        sheet = sheet.derive(pl.coalesce(later, pl.col(name)).alias(name))
    return sheet


def _one_each(sheet: Sheet, ties: TieList, cells: Cells) -> Sheet:
    """One row for each tie at one time: a repeated one is merged, one that says otherwise
    rejected. Adds `key`."""
    dates = [cells[ties.columns[field][0]] for field in DATES if field in ties.columns]
    parts = [*dates, *(field for field in _APART if field in sheet.rows.columns)]
    key = pl.concat_str([pl.col(c).fill_null("") for c in parts], separator="|")
    sheet = sheet.derive((key if parts else pl.lit("")).alias("key"))
    told = [c for c in cells.values() if c in sheet.rows.columns]
    later = same_key(sheet.rows, ["kind", "subject", "object", "key"], told)
    if later.is_empty():
        return sheet
    other = sheet.rows.filter(pl.col("row").is_in(later.filter(~pl.col("alike"))["row"].implode()))
    sheet = sheet.merge(later.filter("alike")["row"])
    reason = "is in the same tie in an earlier row, which says something else"
    return refuse(sheet, other, "object", reason, "Give each its own date, or keep one.")


def _end_nodes(
    sheet: Sheet, name: str, end: End, ties: TieList, cells: Cells, things: pl.DataFrame
) -> Nodes:
    """The things at one end that are in no node list, with the name that the row gives."""
    known = [pl.col(cells[end.name]).alias("name")] if end.name else []
    ends = sheet.rows.select(pl.col(name).alias("id"), *known)
    new = ends.filter(~pl.col("id").is_in(things["id"].implode())).unique(maintain_order=True)
    return Nodes(end.kind or joined_by(kinds_of(ties)[0], name)[0], new)


def _stated(sheet: Sheet, ties: TieList) -> Iterator[Relationships]:
    """The ties as a table for each of their kinds."""
    level = pl.lit(ties.knowledge_level).alias("knowledge_level")
    at = pl.format(f"{sheet.file.replace('{', '').replace('}', '')}, row {{}}", "row")
    rows = sheet.rows.with_columns(level)
    if "locator" not in rows.columns:
        rows = rows.with_columns(at.alias("locator"))
    for (kind,), some in rows.partition_by("kind", as_dict=True, maintain_order=True).items():
        wanted = [c for c in schema(str(kind)) if c in some.columns and c not in ("id", "kind")]
        yield Relationships(str(kind), some.select(*wanted, "key"))
