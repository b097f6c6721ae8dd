"""One row for each thing and each statement, where several files of an edition have one each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from ..ontology.dates import COLUMNS
from .records import Judgements, Nodes, Relationships, Series

__all__ = ["united", "united_nodes", "united_statements"]


_OPTIONAL = {"name": pl.lit(None, pl.String), "other_names": pl.lit([], pl.List(pl.String))}


def united(
    tables: Iterable[Nodes | Relationships | Series | Judgements],
) -> Iterator[Nodes | Relationships | Series | Judgements]:
    """The same tables, one for each kind and with one row for each id or statement.

    What stands in an earlier table is preferred; judgements stay as they are.
    """
    nodes: dict[str, list[pl.DataFrame]] = {}
    statements: dict[tuple[str, bool], list[pl.DataFrame]] = {}
    series: dict[str, list[pl.DataFrame]] = {}
    for table in tables:
        if table.rows.is_empty():
            continue
        if isinstance(table, Nodes):
            nodes.setdefault(table.kind, []).append(table.rows)
        elif isinstance(table, Relationships):
            # A key enters the id of a statement, so statements without one stay without.
            keyed = "key" in table.rows.columns
            statements.setdefault((table.kind, keyed), []).append(table.rows)
        elif isinstance(table, Judgements):
            yield table
        else:
            series.setdefault(table.name, []).append(table.rows)
    for kind, rows in nodes.items():
        yield Nodes(kind, united_nodes(pl.concat(rows, how="diagonal", rechunk=True)))
    for (kind, _), rows in statements.items():
        yield Relationships(kind, united_statements(pl.concat(rows, how="diagonal", rechunk=True)))
    for name, rows in series.items():
        yield Series(name, pl.concat(rows, how="diagonal", rechunk=True))


def united_nodes(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each id: the first value known of each column, all codes, all names.

    The columns of a date are taken together from one row.

    >>> names = ["South Yorkshire", "South Yorkshire and Bassetlaw"]
    >>> rows = pl.DataFrame({"id": ["ods:QF7"] * 2, "name": names})
    >>> united_nodes(rows).row(0)
    ('ods:QF7', 'South Yorkshire', ['South Yorkshire and Bassetlaw'])
    """
    repeated = rows["id"].is_duplicated()
    if not repeated.any():
        return rows
    for column, empty in _OPTIONAL.items():
        if column not in rows.columns:
            rows = rows.with_columns(empty.alias(column))
    dates = [c for c in rows.columns if c in COLUMNS]
    dated = pl.any_horizontal(pl.col(c).is_not_null() for c in dates) if dates else pl.lit(True)
    taken = {c: pl.col(c).filter(dated).first() for c in dates}
    lists = [c for c, kind in rows.schema.items() if kind == pl.List(pl.String)]
    taken |= {c: _all_of(c) for c in lists}
    # Most things stand in one row, and those need no grouping.
    numbered = rows.with_row_index("_row")
    one = (
        numbered.filter(repeated)
        .group_by("id", maintain_order=True)
        .agg(
            *(taken.get(c, _first_of(c)) for c in numbered.columns if c != "id"),
            pl.col("name").drop_nulls().unique().alias("_names"),
        )
    )
    single = numbered.filter(~repeated).with_columns(
        *(pl.col(c).fill_null([]).list.drop_nulls().list.unique().list.sort() for c in lists),
        pl.concat_list("name").list.drop_nulls().alias("_names"),
    )
    names = pl.col("other_names").list.set_union("_names")
    others = names.list.set_difference(pl.concat_list("name")).list.sort()
    table = pl.concat([one, single.select(one.columns)]).sort("_row")
    return table.with_columns(others.alias("other_names")).drop("_names", "_row")


def united_statements(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each subject, object and key.

    Bounds of files of different days are taken together: what held on an early day had begun by
    then, what held on a late one had not ended. A bound that this contradicts is dropped.

    >>> rows = pl.DataFrame({"subject": ["a"] * 2, "object": ["b"] * 2,
    ...                      "start_latest": ["2022-07-01", "2020-04-30"]})
    >>> united_statements(rows).row(0)
    ('a', 'b', '2020-04-30')
    """
    key = [c for c in ("subject", "object", "key") if c in rows.columns]
    if not rows.select(key).hash_rows().is_duplicated().any():
        return rows
    taken = {
        "start_latest": pl.col("start_latest").min(),
        "end_earliest": pl.col("end_earliest").max(),
    }
    one = rows.group_by(key, maintain_order=True).agg(
        [taken.get(c, _first_of(c)) for c in rows.columns if c not in key]
    )
    for bound, other, wrong in (
        ("start_earliest", "start_latest", pl.col("start_earliest") > pl.col("start_latest")),
        ("end_latest", "end_earliest", pl.col("end_latest") < pl.col("end_earliest")),
    ):
        if bound in one.columns and other in one.columns:
            one = one.with_columns(pl.when(~wrong.fill_null(False)).then(bound).alias(bound))
    return one.select(rows.columns)


def _all_of(column: str) -> pl.Expr:
    return pl.col(column).explode().drop_nulls().unique().sort()


def _first_of(column: str) -> pl.Expr:
    return pl.col(column).drop_nulls().first()
