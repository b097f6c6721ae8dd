"""What of a snapshot may be published: one view, from which maps, reports and exports are made.

Left out are sources without an open licence with all that only they say, notes, contact fields,
sole traders (whose name is a person's) with the places that only they run, and who judged what to
be one thing. Facts are published under the licence of the edition that states them, so a finding
coded in our own words stays, with the title and address of its document; the words of a document
stay only if the document itself is open. `public_profile.toml` lists licences and fields.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import polars as pl

from ..ontology.errors import UnknownName, UsageError
from ..ontology.tables import schema
from .contacts import without_contacts
from .merging import as_of_day, editions, merged_nodes, one_row_each, with_broader_types
from .snapshot import Snapshot
from .views import View

__all__ = [
    "PROFILES",
    "Profile",
    "Public",
    "is_open",
    "known_profile",
    "profile",
    "profiled",
    "public",
]

PROFILES = ("full", "public")
"""The profiles by name: all of a snapshot, and what of it may be published."""

REFERENCES = ("document", "finding", "area")
"""The columns of a relationship that name a third thing."""

WORDED = (
    *(
        "action",
        "addressed_to",
        "applies_to",
        "area_name",
        "date_text",
        "definition",
        "description",
    ),
    *("locator", "name", "name_before", "other_names", "place", "publisher", "reason", "role"),
    *("shared_with", "theme", "town", "url", "voice", "words", "quote", "coding"),
)
"""The columns that hold text, in which a way to reach somebody may stand."""

_FILE = Path(__file__).with_name("public_profile.toml")


@dataclass(frozen=True, slots=True)
class Profile:
    """What counts as open, and what is left out: wordings of licences in small letters, fields
    that are always empty, and fields that stay where the document is open."""

    licences: frozenset[str]
    fields: frozenset[str]
    words: frozenset[str]


@cache
def profile() -> Profile:
    """The public profile as its file declares it.

    >>> sorted(profile().fields)
    ['address', 'note', 'postcode']
    """
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    names = {name for row in said["licence"] for name in (row["name"], *row["also"])}
    words = {row["name"] for row in said["field"] if row.get("unless_document_is_open")}
    fields = {row["name"] for row in said["field"]} - words
    return Profile(frozenset(map(_folded, names)), frozenset(fields), frozenset(words))


def _folded(text: str) -> str:
    return " ".join(text.split()).lower()


def is_open(licence: str | None) -> bool:
    """Whether a licence, as stated, is open; of several, separated by semicolons, each must be.

    >>> is_open("OGL-UK-3.0"), is_open("MIT; CC0-1.0"), is_open("MIT; all rights reserved")
    (True, True, False)
    >>> is_open(None)
    False
    """
    stated = [_folded(one) for one in re.split(r"\s*;\s*", licence or "") if one.strip()]
    return bool(stated) and all(one in profile().licences for one in stated)


def public(snapshot: Snapshot) -> Public:
    """What of a snapshot may be published. Other views are taken of this one, not the other way
    round; `UsageError` if `snapshot` is a view already."""
    if isinstance(snapshot, Public):
        return snapshot
    if snapshot.view:
        raise UsageError(
            "What may be published is found in the whole graph, not in a part of it.",
            "Take the profile first, and then the day or the system.",
        )
    return Public(snapshot)


def known_profile(name: str | None) -> None:
    """`UnknownName`, with the nearest, for a profile that there is none of; None is no choice."""
    if name is not None and name not in PROFILES:
        raise UnknownName("profile", name, PROFILES)


def profiled(snapshot: Snapshot, name: str | None) -> Snapshot:
    """A snapshot as a profile shows it; `UnknownName` as `known_profile`."""
    known_profile(name)
    return public(snapshot) if name == "public" else snapshot


class Public(View):
    """What of a snapshot may be published; see the module."""

    def __init__(self, base: Snapshot) -> None:
        super().__init__(base, "public")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """That of the snapshot with the open sources only, without notes, paths and judgements."""
        facts = [_plain(f) for f in self.base.manifest["sources"] if is_open(f.get("licence"))]
        newest = max((as_of_day(f) for f in facts), default=None)
        return {**self.base.manifest, "sources": facts, "decisions": [], "default_day": newest}

    @cached_property
    def open_sources(self) -> pl.Series:
        """The ids of the open editions."""
        return pl.Series("source", [f["id"] for f in self.manifest["sources"]], dtype=pl.String)

    @cached_property
    def _all_open(self) -> bool:
        return len(self.open_sources) == len(self.base.manifest["sources"])

    @cached_property
    def left_out(self) -> pl.Series:
        """The ids of sole traders, and of the locations that nobody else runs."""
        bodies = self.base.nodes("Organisation")
        traders = bodies.filter(pl.col("is_sole_trader").fill_null(False))["id"]
        runs = self.base.relationships("OPERATES").select("subject", "object")
        theirs = pl.col("subject").is_in(traders.implode())
        only = runs.group_by("object").agg(theirs.all().alias("only")).filter("only")["object"]
        return pl.concat([traders.rename("id"), only.rename("id")])

    @cached_property
    def _closed_findings(self) -> pl.Series:
        """The findings that some document without an open licence reports, and those of which no
        document is known."""
        documents = self.base.nodes("Source").select("id", "licence")
        free = [row[0] for row in documents.iter_rows() if is_open(row[1])]
        reports = self.base.relationships("REPORTS").select("subject", "object")
        closed = reports.filter(~pl.col("subject").is_in(free))["object"]
        findings = self.base.nodes("Finding")["id"]
        unknown = findings.filter(~findings.is_in(reports["object"].implode()))
        return pl.concat([closed.rename("id"), unknown.rename("id")]).unique()

    def _nodes(self, kind: str) -> pl.DataFrame:
        return self._emptied(self._said(kind, self.base.nodes(kind)))

    def _said(self, kind: str, table: pl.DataFrame) -> pl.DataFrame:
        """The things that open editions describe, each as these do."""
        if not self._all_open:
            open_ids = self.open_sources.to_list()
            theirs = pl.col("sources").list.set_intersection(open_ids)
            records = self.base.records(kind)
            single = table.filter(theirs.list.len() > 0).join(
                records.select("id"), on="id", how="anti"
            )
            known = records.filter(theirs.list.len() > 0)
            merged = with_broader_types(merged_nodes(kind, known.lazy()).collect())
            table = pl.concat([single, merged]).sort("id")
        return table.filter(~pl.col("id").is_in(self.left_out.implode()))

    def _relationships(self, kind: str) -> pl.DataFrame:
        table = self.base.relationships(kind)
        if not self._all_open:
            several = self.base.history(kind)
            only = table.filter(self._open()).join(several.select("id"), on="id", how="anti")
            rows = one_row_each(several.filter(self._open()), editions(self.manifest["sources"]))
            table = pl.concat([only, rows.select(only.columns)]).sort("subject", "object", "id")
        table = self._between_ends(table)
        named = pl.Series("id", self.ids["id"]).implode()
        refers = [c for c in REFERENCES if c in table.columns]
        table = table.with_columns(pl.when(pl.col(c).is_in(named)).then(c) for c in refers)
        return self._emptied(table)

    def _open(self) -> pl.Expr:
        return pl.col("source").is_in(self.open_sources.implode())

    def _emptied(self, table: pl.DataFrame) -> pl.DataFrame:
        """A table without the fields of the profile, and without addresses and telephone numbers in
        its texts; words stay where they rest on a finding whose documents are all open."""
        finding = next(c for c in ("finding", "subject", "id") if c in table.columns)
        said = profile()
        closed = pl.col(finding).is_in(self._closed_findings.implode()).fill_null(True)
        empty = {
            name: pl.lit(None) if name in said.fields else pl.when(~closed).then(pl.col(name))
            for name in table.columns
            if name in said.fields | said.words
        }
        plain = table.with_columns(
            each.cast(table.schema[name]).fill_null([]).alias(name)
            if isinstance(table.schema[name], pl.List)
            else each.cast(table.schema[name]).alias(name)
            for name, each in empty.items()
        )
        return plain.with_columns(without_contacts(plain[c]) for c in WORDED if c in plain.columns)

    def records(self, kind: str) -> pl.DataFrame:
        """What the open editions say of the things in the view."""
        table = super().records(kind)
        if not self._all_open:
            theirs = pl.col("sources").list.set_intersection(self.open_sources.to_list())
            table = table.filter(theirs.list.len() > 0)
        return self._emptied(table)

    def history(self, kind: str) -> pl.DataFrame:
        """The rows of the open editions."""
        table = super().history(kind)
        return self._emptied(table.filter(self._open()).select(list(schema(kind))))

    def series(self, name: str) -> pl.DataFrame:
        """The measurements of open editions, of the things in the view."""
        table = self.base.series(name).filter(self._open())
        there = self.ids.rename({"id": "thing"})
        return table.join(there, on="thing", how="semi", maintain_order="left")


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a source, without notes and without where its files lay."""
    files = [{k: v for k, v in file.items() if k != "path"} for file in facts.get("files", ())]
    account = [{**each, "notes": []} for each in facts.get("accounting", ())]
    plain = {k: v for k, v in facts.items() if k != "notes"}
    return {**plain, "files": files, "accounting": account}
