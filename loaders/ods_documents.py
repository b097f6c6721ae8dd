"""Records of the ODS API, from either of its forms, as columns: one row for each document, beside
it what the document relates to others.

Documents are decoded by the thousand against a schema of the values that are read, so that nothing
else of a record (telephone numbers, change dates) enters a table. A document that cannot be decoded
is a reject of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import polars as pl

from ..ontology.errors import FileFault
from .cleaning import Rule, day, is_missing, is_no_day, is_not, same_key, sift, upper_code
from .delimited import Layout, Sheet, as_sheet
from .json_lines import documents
from .ods_records import is_named
from .records import REJECT_SCHEMA

__all__ = [
    "ORGANISATION",
    "RECORD",
    "RELATIONS",
    "Decode",
    "Parts",
    "Records",
    "digests",
    "legal_first",
    "read_records",
]

RECORD = Layout(
    "records of the ODS API",
    {
        "document": "document",
        "resource": "resource",
        "OrgId": "code",
        "Name": "name",
        "orgRecordClass": "record_class",
        "Roles": "roles",
        "Start": "start_text",
        "End": "last_text",
        "AddrLn1": "line_1",
        "AddrLn2": "line_2",
        "AddrLn3": "line_3",
        "Town": "town",
        "County": "county",
        "PostCode": "postcode",
        "digest": "digest",
    },
)
"""The values of a document. `roles` are codes of roles, the primary one first, parted by blanks;
`digest` tells documents apart that differ in what is not here."""

RELATIONS: dict[str, type[pl.DataType]] = {
    "row": pl.Int64,
    "relation": pl.String,
    "target": pl.String,
    "target_role": pl.String,
    "start": pl.String,
    "last": pl.String,
}
"""What a document relates to others: `relation` is a code such as RE5, or Predecessor, Successor;
`start` and `last` are its first and last day as stated."""

ORGANISATION = "Organisation"
"""The resource that describes a body or site; any other only relates two."""

_CODE = "[0-9A-Z]{3,12}"
_FORM = "yyyy-mm-dd"
_NOTHING = "the document is no record of an organisation"
_NO_JSON = "the document is no JSON, or not of the form of a record"


@dataclass(frozen=True, slots=True)
class Parts:
    """Decoded documents: `values` with the columns of `RECORD` by our names, one row each, and
    `relations` with those of `RELATIONS`, `row` counted from 0."""

    values: pl.DataFrame
    relations: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Records:
    """The documents of a file or folder that can be used, `start` and `last` as days, and all their
    relations."""

    sheet: Sheet
    relations: pl.DataFrame


Decode = Callable[[pl.Series], Parts]
"""Takes JSON texts apart; `ComputeError` if one of them is no JSON, or of another form."""


def legal_first(dates: str, kind: str, start: str, end: str) -> list[pl.Expr]:
    """The columns `start` and `last` of the one period of a list of typed ones that is told: the
    legal one if there is one, else the operational one; the first of them."""
    typed = pl.col(dates)
    legal = typed.list.filter(pl.element().struct.field(kind) == "Legal").list.first()
    any_of_them = typed.list.first()
    told = pl.when(legal.struct.field(start).is_not_null()).then(legal).otherwise(any_of_them)
    return [told.struct.field(start).alias("start"), told.struct.field(end).alias("last")]


def digests(texts: pl.Series) -> pl.Series:
    """What tells documents apart: a digest of the text of each.

    >>> digests(pl.Series(["{}", "{}"])).n_unique()
    1
    """
    made = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8) for text in texts]
    return pl.Series("digest", [digest.hexdigest() for digest in made], dtype=pl.String)


def read_records(path: Path, decode: Decode) -> Records:
    """The records of a file or folder, checked; those at fault are rejects of the sheet.

    `FileFault` if there is nothing, `LayoutError` if a file breaks off or has no record at all.
    """
    values, relations, faults = [], [], []
    before = 0
    for texts in filter(None, documents(path, RECORD.name)):
        decoded, broken = _decoded(texts, decode)
        values.append(decoded.values)
        relations.append(decoded.relations.with_columns(pl.col("row") + before + 1))
        faults += [before + at + 1 for at in broken]
        before += len(texts)
    if not before:
        raise FileFault(path, reason="the file holds no documents")
    cells = pl.concat(values).select(RECORD.columns.values()).fill_null("")
    cells.columns = [str(number) for number in range(cells.width)]
    sheet = as_sheet(path, RECORD, list(RECORD.columns), cells, (), _broken(faults, cells))
    return _checked(sheet, pl.concat(relations))


def _decoded(texts: Sequence[str], decode: Decode) -> tuple[Parts, list[int]]:
    """The documents decoded, and the places of those that cannot be; these have a row of nulls."""
    broken = [at for at, text in enumerate(texts) if not text.strip()]
    whole = pl.Series("text", [text if text.strip() else "{}" for text in texts])
    try:
        return decode(whole), broken
    except pl.exceptions.ComputeError:
        found = _undecodable(whole, decode, 0)
    kept = [text if at not in found else "{}" for at, text in enumerate(whole)]
    return decode(pl.Series("text", kept)), sorted({*broken, *found})


def _undecodable(texts: pl.Series, decode: Decode, offset: int) -> set[int]:
    """The places of the documents that cannot be decoded: looked for in halves."""
    try:
        decode(texts)
    except pl.exceptions.ComputeError:
        if texts.len() == 1:
            return {offset}
        half = texts.len() // 2
        rest = _undecodable(texts[half:], decode, offset + half)
        return _undecodable(texts[:half], decode, offset) | rest
    return set()


def _broken(rows: list[int], cells: pl.DataFrame) -> pl.DataFrame:
    """The faults of documents that are no JSON, or hold a NUL character."""
    held = pl.any_horizontal(pl.all().str.contains("\0", literal=True))
    nul = cells.select(held).to_series().arg_true()
    told = [(row, _NO_JSON) for row in rows]
    told += [(at + 1, "the document holds a NUL character") for at in nul]
    lines = [(row, None, None, reason, "Fetch it again.") for row, reason in told]
    kept = ("row", "column", "value", "reason", "what_to_do")
    return pl.DataFrame(lines, schema={c: REJECT_SCHEMA[c] for c in kept}, orient="row")


# --- checks ---------------------------------------------------------------------------------------


def _checked(sheet: Sheet, relations: pl.DataFrame) -> Records:
    sheet = sheet.derive(
        upper_code("code"),
        day("start_text", _FORM).alias("start"),
        day("last_text", _FORM).alias("last"),
    )
    relations = relations.with_columns(upper_code("target"))
    sheet = sift(sheet, [Rule("document", pl.col("document").is_null(), _NOTHING)])
    sheet = _one_each(sift(sheet, _rules()).reject(_wrong(relations)))
    return Records(sheet, relations.filter(pl.col("row").is_in(sheet.rows["row"].implode())))


def _rules() -> list[Rule]:
    nameless = (pl.col("resource") == ORGANISATION) & pl.col("name").is_null()
    early = pl.col("last") < pl.col("start")
    return [
        *is_missing("code"),
        is_not("code", _CODE, "an ODS code"),
        Rule("name", nameless, "is missing", "Fill it in."),
        is_named("name"),
        is_no_day("start_text", _FORM),
        is_no_day("last_text", _FORM),
        Rule("last_text", early, "lies before its start", "Correct one of the two."),
    ]


def _wrong(relations: pl.DataFrame) -> pl.DataFrame:
    """The faults of records whose relations cannot be used."""
    start, last = day("start", _FORM), day("last", _FORM)
    undated = (pl.col("start").is_not_null() & start.is_null()) | (
        pl.col("last").is_not_null() & last.is_null()
    )
    target = ~pl.col("target").str.contains(f"^(?:{_CODE})$")
    faults = (
        ("target", target.fill_null(True), "is not an ODS code of what it relates to"),
        ("start", undated, "begins a relation with a date that is no day of the calendar"),
        ("last", (last < start).fill_null(False), "ends a relation before it begins"),
    )
    return pl.concat(
        relations.filter(wrong).select(
            "row",
            pl.lit(column).alias("column"),
            pl.col(column).alias("value"),
            pl.lit(reason).alias("reason"),
            pl.lit("Correct it.").alias("what_to_do"),
        )
        for column, wrong, reason in faults
    )


def _one_each(sheet: Sheet) -> Sheet:
    later = same_key(sheet.rows, ["document"], ["digest"])
    faults = later.filter(~pl.col("alike")).select(
        "row",
        pl.lit("document").alias("column"),
        pl.col("document").alias("value"),
        pl.lit("has another record in an earlier document").alias("reason"),
        pl.lit("Keep the later of the two.").alias("what_to_do"),
    )
    return sheet.merge(later.filter("alike")["row"]).reject(faults)
