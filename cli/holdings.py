"""Commands that say what a store holds: sources, show, check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..ontology.errors import DataError, UnknownName
from .options import format_options, reading, snapshot_of, store_option
from .output import deliver

if TYPE_CHECKING:
    import polars as pl

    from ..graph.store import Store
    from ..queries.describe import Description, Holdings, Statement, Ties
    from ..queries.versions import Version

__all__ = ["check_command", "show_command", "sources_command"]

FEW = 10
"""Relationships of one kind that `show` lists unless all are asked for."""

BETWEEN = " · "

FACTS = (
    *("id", "title", "kind", "publisher", "licence", "url", "as_of", "retrieved", "scope"),
    *("complete", "official"),
)
"""What is known of a source, in the order in which it is shown."""


@click.command("sources")
@click.argument("source", required=False)
@click.option("--rejects", is_flag=True, help="The rows that were not taken, why, and what to do.")
@click.option("--kinds", is_flag=True, help="The kinds of source that icsgraph can read.")
@click.option("--where", is_flag=True, help="Where to get data: pages, licences, editions.")
@store_option
@format_options
def sources_command(
    source: str | None, rejects: bool, kinds: bool, where: bool, store: Path | None, **out: Any
) -> None:
    """What a store was built from, row by row.

    With SOURCE (an id), all that is known of that source and what became of the rows of each file.

    \b
    icsgraph sources
    icsgraph sources ods-trusts@2026-01 --rejects
    """
    if where:
        _deliver_where(out)
        return
    if kinds:
        _deliver_kinds(out)
        return
    held = reading(store)
    listed = {facts["id"]: facts for facts in held.current().manifest["sources"]}
    if source is not None and source not in listed:
        raise UnknownName("source in the store", source, listed)
    if rejects:
        _deliver_rejects(held, source, out)
    elif source is None:
        deliver(_sources(list(listed.values())), **out)
    else:
        _deliver_source(listed[source], out)


def _deliver_kinds(out: dict[str, Any]) -> None:
    import polars as pl

    from ..loaders.registry import LOADERS
    from .tables import wrapped

    columns = ("kind", "publisher", "what", "page")
    rows = [{c: getattr(row, c) for c in columns} for row in LOADERS.values()]
    texts = (
        "\n".join([row["kind"], *(wrapped(row[c], "  ", "  ") for c in columns[1:] if row[c])])
        for row in rows
    )
    deliver(pl.DataFrame(rows, schema=columns), text="\n\n".join(texts), **out)


def _deliver_where(out: dict[str, Any]) -> None:
    import polars as pl

    from ..loaders.where_from import data_sets
    from .tables import listed

    texts = (
        f"{each.data_set}\n"
        + listed(
            [
                ("what", each.what),
                ("published", f"by {each.publisher}, {each.editions}"),
                ("page", each.page),
                ("licence", each.licence),
                ("loader", each.loader or "none"),
                *([("to know", each.note)] if each.note else []),
            ],
            indent=2,
        )
        for each in data_sets()
    )
    deliver(pl.DataFrame(data_sets()), text="\n\n".join(texts), **out)


def _sources(listed: list[dict[str, Any]]) -> pl.DataFrame:
    import polars as pl

    from ..graph.accounts import accounting

    sums = accounting(listed).group_by("source").agg(pl.sum("rows"), pl.sum("rejected"))
    columns = ("id", "title", "as_of", "licence")
    facts = pl.DataFrame([{c: f[c] for c in columns} for f in listed])
    joined = facts.join(sums, left_on="id", right_on="source", how="left", maintain_order="left")
    return joined.with_columns(pl.col("rows", "rejected").fill_null(0))


def _deliver_rejects(store: Store, source: str | None, out: dict[str, Any]) -> None:
    from ..graph.accounts import rejects
    from .tables import table

    found = rejects(store, source)
    shown = found.drop("raw") if source is None else found.drop("raw", "source")
    text = table(shown) if found.height else f"{table(shown)}\n\nNo row was rejected."
    deliver(found, text=text, **out)


def _deliver_source(facts: dict[str, Any], out: dict[str, Any]) -> None:
    from ..graph.accounts import accounting
    from .tables import cell, heading, listed, table, wrapped

    plain = {key: facts[key] for key in FACTS}
    account = accounting([facts])
    checksums = [(file["name"], file["sha256"]) for file in facts["files"]]
    notes = [f"{a['file']}: {note}" for a in facts["accounting"] for note in a["notes"]]
    parts = [
        listed((heading(key), cell(value)) for key, value in plain.items()),
        f"loader     {facts['loader']['kind']}, version {facts['loader']['version']}",
        "SHA-256 of what was read\n" + listed(checksums, indent=2),
        table(account.drop("source")),
        "\n".join(wrapped(note, then="  ") for note in notes),
    ]
    deliver(account, text="\n\n".join(part for part in parts if part), whole=facts, **out)


@click.command("show")
@click.argument("thing", required=False, metavar="[ID]")
@click.option("--all", "everything", is_flag=True, help=f"More than {FEW} relationships of a kind.")
@store_option
@format_options
def show_command(thing: str | None, everything: bool, store: Path | None, **out: Any) -> None:
    """What a store holds, or all about one thing.

    ID is an identifier (ods:R1H), a code (R1H) or a name (Barts Health). CSV and Parquet hold its
    relationships, one a row; JSON holds all that is known.

    \b
    icsgraph show
    icsgraph show Frimley
    """
    from ..queries.describe import describe, holdings

    if thing is None:
        held = holdings(snapshot_of(store))
        deliver(held.frame(), text=_held(held), whole=held.as_dict(), **out)
        return
    told = describe(snapshot_of(store), thing)
    limit = None if everything else FEW
    deliver(told.frame(), text=_told(told, limit), whole=told.as_dict(), **out)


def _held(held: Holdings) -> str:
    from ..ontology.dates import BoundedDate
    from .tables import listed, table

    newest = BoundedDate.parse(held.newest).plain() if held.newest else "date not stated"
    facts = [
        ("snapshot", held.snapshot),
        ("newest source", newest),
        ("sources", ", ".join(held.sources)),
    ]
    return f"{listed(facts)}\n\n{table(held.frame())}"


def _told(told: Description, limit: int | None) -> str:
    from .tables import cell, heading, listed, printable, wrapped

    identity = BETWEEN.join(part for part in (told.label, told.id, told.when) if part)
    facts = [
        ("other names", cell(told.other_names)),
        ("codes", cell(told.codes)),
        *((heading(name), cell(value)) for name, value in told.attributes.items()),
        ("sources", cell(told.sources)),
    ]
    head = f"{wrapped(printable(told.name or told.id))}\n{wrapped(identity)}"
    known = listed((name, value) for name, value in facts if value != cell(None))
    ties = (_tie(tie, told.names, limit) for tie in told.ties)
    parts = (head, known, _ratings(told), _differing(told), _judged(told), *ties)
    return "\n\n".join(part for part in parts if part)


def _ratings(told: Description) -> str:
    """The ratings that stand for a thing, with their day and source; blank if it has none."""
    from .tables import cell, listed

    rows = [
        (
            r.attribute,
            BETWEEN.join(part for part in (cell(r.value), _day(r.date), r.source) if part),
        )
        for r in told.ratings
    ]
    return f"Ratings\n{listed(rows, indent=2)}" if rows else ""


def _day(text: str | None) -> str:
    from ..ontology.dates import BoundedDate

    return BoundedDate.parse(text).plain() if text else ""


def _differing(told: Description) -> str:
    """What each source says where they do not agree, with its day; blank if they do."""
    from ..queries.versions import RULE
    from .tables import heading, listed, wrapped

    parts = ["Where the sources differ", wrapped(RULE, "  ", "  ")]
    for attribute in dict.fromkeys(v.attribute for v in told.versions):
        values = [
            (v.source, _version(v, told.id)) for v in told.versions if v.attribute == attribute
        ]
        parts.append(f"  {heading(attribute)}\n{listed(values, indent=4)}")
    return "\n".join(parts) if told.versions else ""


def _version(version: Version, thing: str) -> str:
    """One value with all that belongs to it."""
    from .tables import cell

    facts = (
        cell(version.value),
        f"rated {_day(version.date)}" if version.date else "",
        f"as of {_day(version.as_of)}" if version.as_of else "",
        f"as {version.record}" if version.record != thing else "",
        "shown" if version.shown else "",
    )
    return BETWEEN.join(fact for fact in facts if fact)


def _judged(told: Description) -> str:
    """The decisions about its identity; blank if there are none."""
    from .tables import printable, wrapped

    lines = ["Judged"]
    for each in told.judgements:
        other = printable(f"{each.other_name or ''}  {each.other}".strip())
        said = "the same as" if each.judgement == "same" else "different from"
        why = printable(BETWEEN.join((each.who, _day(each.when), each.why)))
        lines += [wrapped(f"{said} {other}", "  ", "  "), wrapped(why, "      ", "      ")]
    return "\n".join(lines) if told.judgements else ""


def _tie(tie: Ties, names: dict[str, str], limit: int | None) -> str:
    """The relationships of one kind and direction: how many, and the first of them."""
    from .tables import printable, wrapped

    this = "" if tie.outgoing else " this"
    lines = [f"{tie.label}{this} ({len(tie.statements):,})"]
    for statement in tie.statements[:limit]:
        other = printable(statement.other_name or "")
        lines.append(wrapped(f"{other}  {statement.other}".strip(), "  ", "  "))
        lines.append(wrapped(BETWEEN.join(_facts(statement, names)), "      ", "      "))
    if limit is not None and len(tie.statements) > limit:
        lines.append(f"  ... and {len(tie.statements) - limit:,} more (--all)")
    return "\n".join(lines)


def _facts(statement: Statement, names: dict[str, str]) -> Iterator[str]:
    """What a statement says beside its two ends, each fact a few words."""
    from .tables import cell, heading

    if statement.when:
        yield statement.when
    for name, value in statement.details.items():
        if name not in ("first_seen", "last_seen", "knowledge_level"):
            yield f"{heading(name)}: {cell(names.get(str(value), value))}"
    yield f"knowledge level: {cell(statement.details['knowledge_level']).lower()}"
    if statement.document:
        yield cell(names.get(statement.document, statement.document))
    place = f", {statement.locator}" if statement.locator else ""
    yield f"{statement.source}{cell(place) if place else ''}"


@click.command("check")
@click.option(
    "--published",
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="Whether a file or folder made from the store holds nothing that --profile public leaves "
    "out.",
)
@store_option
def check_command(published: Path | None, store: Path | None) -> None:
    """Whether every file and row is accounted for.

    Compares the checksum of every table with the one written when it was built, and the rows that
    came in with those accepted, merged and rejected. Says of each quote of a coded report whether
    it stands in its document, as far as that is still where it was. Exit code 0 if all is well, 1
    with what is not.

    
    icsgraph check
    icsgraph check --published map.html
    """
    from ..graph.accounts import accounting, problems
    from .published import tell_of_published

    held = reading(store)
    if published is not None:
        tell_of_published(held.current(), published)
        return
    if wrong := problems(held):
        said = "\n".join(f"- {problem}" for problem in wrong)
        raise DataError(
            f"The store {held.path} is not as it was written:\n{said}",
            f"Build it again from its sources: icsgraph build --store {held.path}",
        )
    snapshot = held.current()
    account = accounting(snapshot.manifest["sources"])
    sums = {c: int(account[c].sum()) for c in ("rows", "accepted", "merged", "rejected")}
    click.echo(f"Snapshot {snapshot.id}: {len(snapshot.manifest['tables'])} tables as written.")
    click.echo(
        f"{sums['rows']:,} rows came in = {sums['accepted']:,} accepted + {sums['merged']:,} "
        f"merged + {sums['rejected']:,} rejected."
    )
    unseen = _check_quotes(held)
    click.echo("All else is well." if unseen else "All is well.")


def _check_quotes(store: Store) -> bool:
    """Say which quotes stand in their documents; whether a document could not be read.

    `DataError` with every quote that does not stand where it is said to.
    """
    from ..coded_reports import quotes

    gone, unseen = [], False
    for told in quotes(store):
        stand = told.count - len(told.gone)
        if told.unseen:
            unseen = True
            click.echo(f"{told.source}: {told.count} quotes cannot be checked. {told.unseen}")
        else:
            click.echo(f"{told.source}: {stand} of {told.count} quotes stand in {told.document}.")
        gone += [f'- {finding}: "{quote}" ({told.document})' for finding, quote in told.gone]
    if gone:
        said = "\n".join(gone)
        hint = "Find out whether the document or the sheet was changed, and add the findings again."
        raise DataError(f"These quotes do not stand in their document:\n{said}", hint)
    return unseen
