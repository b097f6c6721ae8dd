"""Identifiers of the rows of somebody's own files, made by the templates of a mapping."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..ontology.errors import IdentifierFault, shown
from ..ontology.identifiers import PATTERN, PREFIXES, slug
from .delimited import Sheet
from .mapping_checks import PLACEHOLDER
from .own_fields import LONGEST_NAME, Cells, refuse

__all__ = ["identified", "with_code"]

_CODED = ("ods", "cqc", "ons", "companies")
"""Prefixes whose codes are written in capitals."""


def identified(sheet: Sheet, templates: Sequence[str], cells: Cells, name: str, into: str) -> Sheet:
    """The sheet with an identifier in each row, made by the first template whose columns are
    filled, and beside it (`<into>_rank`) which template that was.

    `name` is the column (of the sheet) that `{slug}` is made from. A row without an identifier, or
    with a text that is none, is rejected.
    """
    sheet = with_code(sheet, templates, cells, name, into)
    missing = sheet.rows.filter(pl.col(into).is_null())
    hint = f"Fill in what is needed for {' or for '.join(templates)}."
    return refuse(sheet, missing, _first(templates, cells, name), "makes no identifier", hint)


def with_code(sheet: Sheet, templates: Sequence[str], cells: Cells, name: str, into: str) -> Sheet:
    """The same, but a row whose columns are blank stays, with no value there."""
    rows = sheet.rows.with_columns(_slugs(sheet, templates, cells, name))
    made = [_made(template, cells, name).alias(str(n)) for n, template in enumerate(templates)]
    each = rows.with_columns(made).select(str(n) for n in range(len(made)))
    rank = pl.coalesce(pl.when(pl.col(c).is_not_null()).then(pl.lit(int(c))) for c in each.columns)
    ids = each.select(pl.coalesce(each.columns).alias(into), rank.alias(f"{into}_rank"))
    sheet = sheet.derive(*ids.iter_columns())
    wrong = sheet.rows.filter(~pl.col(into).str.contains(PATTERN))
    at = _first(templates, cells, name)
    for (made_up,), some in wrong.partition_by(into, as_dict=True, maintain_order=True).items():
        prefix = str(made_up).partition(":")[0]
        hint = f"One such is written {prefix}:{PREFIXES[prefix].example}."
        sheet = refuse(sheet, some, at, f"makes {shown(made_up)}, which is no identifier", hint)
    return sheet


def _first(templates: Sequence[str], cells: Cells, name: str) -> str:
    """The column at which a missing or wrong identifier is told."""
    named = (
        name if part == "slug" else cells[part]
        for template in templates
        for part, _ in PLACEHOLDER.findall(template)
    )
    return next(named, name or "row")


def _slug_of(column: str) -> str:
    return f"slug of {column}"


def _slugs(sheet: Sheet, templates: Sequence[str], cells: Cells, name: str) -> list[pl.Series]:
    """The slugs of every column that a template asks for."""
    asked = {
        name if part == "slug" else cells[part]
        for template in templates
        for part, slugged in PLACEHOLDER.findall(template)
        if slugged or part == "slug"
    }
    return [_slugged(sheet.rows[column]) for column in sorted(asked)]


def _slugged(texts: pl.Series) -> pl.Series:
    known = {text: _slug(text) for text in texts.drop_nulls().unique()}
    named = texts.replace_strict(known, default=None, return_dtype=pl.String)
    return named.alias(_slug_of(texts.name))


def _slug(text: str) -> str | None:
    try:
        return slug(text) if len(text) <= LONGEST_NAME else None
    except IdentifierFault:
        return None


def _made(template: str, cells: Cells, name: str) -> pl.Expr:
    """What a template makes of a row; null where one of its columns is blank."""
    prefix = template.partition(":")[0]
    parts: list[pl.Expr] = []
    at = 0
    for found in PLACEHOLDER.finditer(template):
        parts.append(pl.lit(template[at : found.start()]))
        part, slugged = found.groups()
        column = name if part == "slug" else cells[part]
        if slugged or part == "slug":
            parts.append(pl.col(_slug_of(column)))
        else:
            text = pl.col(column)
            parts.append(text.str.to_uppercase() if prefix in _CODED else text)
        at = found.end()
    return pl.concat_str([*parts, pl.lit(template[at:])])
