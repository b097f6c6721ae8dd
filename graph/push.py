"""A snapshot to a Neo4j server, so that the server holds it and nothing else of ours.

What the server has of a table is read and compared; what is gone is removed, what is new or other
is written in batches, each a transaction that is tried again. So a second push changes nothing, and
one after a push that died, or after a change of the store, sends what is missing. A push puts down
which tables the server holds whole, and the next one passes them over.

A statement keeps its id, whatever other sources say, and names its source: what a source said goes
when it goes, and what two sources say stays two relationships.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from ..ontology.cypher import neo4j_ddl
from ..ontology.errors import UsageError
from ..ontology.model import NODE_KINDS
from ..ontology.relationships import RELATIONSHIP_KINDS
from .engines import PUSH_A_PART
from .neo4j_server import Server
from .push_lock import alone
from .push_writes import (
    differing,
    remove_nodes,
    remove_relationships,
    write_file,
    write_nodes,
    write_relationships,
)
from .pushed import CONSTRAINTS, MARK, OWN, counts, nodes_on, push_on, relationships_on
from .snapshot import Snapshot

__all__ = ["Pushed", "Tell", "push"]

Tell = Callable[[str, int, int], None]
"""Hears of each step: what is written, how many rows of it are done, and how many there are."""


@dataclass(slots=True)
class Pushed:
    """What a push did.

    How many nodes and relationships it wrote and removed, how many tables the server held whole
    before, and how many nodes that should have gone are held by relationships of others'.
    """

    snapshot: str
    written: int = 0
    removed: int = 0
    whole_before: int = 0
    kept_for_others: int = 0


def _silent(step: str, done: int, total: int) -> None:
    """Say nothing of a step."""


def push(
    snapshot: Snapshot,
    server: Server,
    *,
    into_shared: bool = False,
    again: bool = False,
    tell: Tell = _silent,
) -> Pushed:
    """Let a server hold a snapshot.

    `into_shared` allows a database with nodes of others' as well: they are left alone. `again`
    compares every table, also those that the server is known to hold whole. Raises `UsageError` for
    a view and for a database with other nodes, and `ServiceFailed` where the server cannot be
    reached or may not be written to, or where another push is under way; what was written until
    then stays, and the next push goes on.
    """
    if snapshot.view:
        raise UsageError("A part of a graph is no snapshot that could be pushed.", PUSH_A_PART)
    pushing = _Pushing(snapshot, server, tell)
    if pushing.plan(into_shared, again):
        with alone(server) as pushing.still_alone:
            pushing.plan(into_shared, again)  # somebody else may have pushed until then
            pushing.run()
    return pushing.done


def _refuse_others(server: Server, held: Mapping[str, int], into_shared: bool) -> None:
    """`UsageError` for a database with nodes that are not ours; of our labels, in any case."""
    ours = sum(held[kind] for kind in NODE_KINDS)
    if ours != held[MARK]:
        raise UsageError(
            f"The database at {server.url} holds {abs(ours - held[MARK]):,} nodes with labels of "
            "the graph, such as Organisation, that icsgraph did not push.",
            "Questions would count them, too: push to another database.",
        )
    others = held[""] - held[MARK] - sum(held[label] for label in OWN)
    if others and not into_shared:
        raise UsageError(
            f"The database at {server.url} holds {others:,} nodes that are not of icsgraph.",
            "To leave them alone, and push beside them: icsgraph push --into-shared",
        )


def _known_whole(server: Server) -> dict[str, str]:
    """Which tables a push has put down as whole, and what they were made from."""
    rows = server.read("MATCH (t:IcsgraphTable) RETURN t.name, t.made_from")
    return {name: made_from for name, made_from in rows}


class _Pushing:
    """One push in the making."""

    def __init__(self, snapshot: Snapshot, server: Server, tell: Tell) -> None:
        self.snapshot = snapshot
        self.server = server
        self.tell = tell
        self.done = Pushed(snapshot.id)
        self.held: Mapping[str, int] = {}
        """How many of each kind the server holds."""
        self.open: list[str] = []
        """The tables that it may not hold whole."""
        self.still_alone: Callable[[], None] = lambda: None

    def plan(self, into_shared: bool, again: bool) -> bool:
        """Whether there is anything to do. The server holds those tables whole that were put down
        as such, as long as it still has as many of them."""
        self.held = counts(self.server)
        _refuse_others(self.server, self.held, into_shared)
        whole = {} if again else _known_whole(self.server)
        self.open = [
            table
            for table, made_from in self.made_from.items()
            if whole.get(table) != made_from or not self._as_many(table)
        ]
        self.done.whole_before = len(self.made_from) - len(self.open)
        last = push_on(self.server)
        as_before = last is not None and last.finished and last.snapshot == self.snapshot.id
        return bool(self.open) or not as_before

    def _as_many(self, table: str) -> bool:
        """Whether the server holds as many nodes or relationships as a table has."""
        group, _, kind = table.partition("/")
        if group == "nodes":
            return self.held[kind] == self.snapshot.nodes(kind).height
        return group != "relationships" or (
            self.held[kind] == self.snapshot.relationships(kind).height
        )

    @cached_property
    def made_from(self) -> dict[str, str]:
        """What each table of the snapshot is made from."""
        graph = [f"nodes/{kind}" for kind in NODE_KINDS]
        graph += [f"relationships/{kind}" for kind in RELATIONSHIP_KINDS]
        files = sorted(name.removesuffix(".parquet") for name in self.snapshot.manifest["tables"])
        return {table: self._made_from(table) for table in dict.fromkeys([*graph, *files])}

    def run(self) -> None:
        """Write what differs. What is gone goes before what is new: an id that moves to other ends,
        or to another kind, is free again then."""
        self._begin()
        ties = {kind: self._tie_changes(kind) for kind in self._open("relationships")}
        things = {kind: self._thing_changes(kind) for kind in self._open("nodes")}
        for kind, rows in things.items():
            write_nodes(self.server, kind, rows, self._counter(kind, rows.height))
            self._is_whole(f"nodes/{kind}")
        for kind, rows in ties.items():
            write_relationships(self.server, kind, rows, self._counter(kind, rows.height))
            self._is_whole(f"relationships/{kind}")
        for table in self.open:
            if not table.startswith(("nodes/", "relationships/")):
                content = (self.snapshot.folder / f"{table}.parquet").read_bytes()
                write_file(self.server, table, content)
                self._is_whole(table)
        self._finish()

    def _open(self, group: str) -> list[str]:
        """The kinds whose nodes or relationships may not be whole."""
        split = (table.split("/") for table in self.open)
        return [name for folder, name in split if folder == group]

    def _made_from(self, table: str) -> str:
        """What a table is made from: its file and, of relationships, the kinds of their ends."""
        facts = self.snapshot.manifest["tables"].get(f"{table}.parquet")
        checksum = str(facts["sha256"]) if facts else "nothing"
        if not table.startswith("relationships/"):
            return checksum
        rows = self._with_ends(table.partition("/")[2])
        ends = "\n".join(rows.select(pl.concat_str("from", "to", separator=" ")).to_series())
        return f"{checksum} {hashlib.sha256(ends.encode()).hexdigest()[:16]}"

    def _with_ends(self, kind: str) -> pl.DataFrame:
        """The relationships of a kind with the kinds of their ends."""
        rows, things = self.snapshot.relationships(kind), self._things
        for end, name in (("subject", "from"), ("object", "to")):
            known = things.rename({"id": end, "kind": name})
            rows = rows.join(known, on=end, how="left", maintain_order="left")
        return rows

    @cached_property
    def _things(self) -> pl.DataFrame:
        """`id` and `kind` of every node."""
        return pl.concat([self.snapshot.nodes(kind).select("id", "kind") for kind in NODE_KINDS])

    def _begin(self) -> None:
        """Put down that the server does not hold the snapshot any more, and not yet the next."""
        self._declare((*CONSTRAINTS, *_constraints()))
        facts = {"id": self.snapshot.id, "manifest": json.dumps(self.snapshot.manifest)}
        started = (
            "MERGE (p:IcsgraphPush {id: 'push'}) "
            "SET p.snapshot = $id, p.manifest = $manifest, p.finished = false"
        )
        not_whole = "MATCH (t:IcsgraphTable) WHERE t.name IN $open SET t.made_from = ''"
        gone = "MATCH (t:IcsgraphTable|IcsgraphFile) WHERE NOT t.name IN $all DELETE t"
        self.server.write_all(
            [
                (started, facts),
                (not_whole, {"open": self.open}),
                (gone, {"all": list(self.made_from)}),
            ]
        )

    def _tie_changes(self, kind: str) -> pl.DataFrame:
        """What is to be written of a kind of relationships; those that are gone, or have other
        ends, are removed."""
        new = self._with_ends(kind)
        if not self.held[kind]:
            return new
        self.tell(f"Comparing {kind}", 0, new.height)
        old = relationships_on(self.server, kind)
        ends = ["id", "subject", "object", "from", "to"]
        gone = old.join(new, on=ends, how="anti")["id"].to_list()
        remove_relationships(self.server, kind, gone)
        self.done.removed += len(gone)
        return differing(new, old.select(new.columns))

    def _thing_changes(self, kind: str) -> pl.DataFrame:
        """What is to be written of a kind of nodes; those that are gone are removed."""
        new = self.snapshot.nodes(kind)
        if not self.held[kind]:
            return new
        self.tell(f"Comparing {kind}", 0, new.height)
        old = nodes_on(self.server, kind)
        gone = old.join(new, on="id", how="anti")["id"].to_list()
        self.done.kept_for_others += remove_nodes(self.server, kind, gone)
        self.done.removed += len(gone)
        return differing(new, old)

    def _counter(self, kind: str, total: int) -> Callable[[int], None]:
        """What counts the rows of a kind that are written, and tells of them."""
        done = 0

        def wrote(rows: int) -> None:
            nonlocal done
            done += rows
            self.done.written += rows
            self.tell(f"Writing {kind}", done, total)

        return wrote

    def _is_whole(self, table: str) -> None:
        self.still_alone()
        text = "MERGE (t:IcsgraphTable {name: $name}) SET t.made_from = $made_from"
        self.server.write(text, name=table, made_from=self.made_from[table])

    def _finish(self) -> None:
        """Make the indexes, which is faster once the rows are there, and put down the end."""
        self.tell("Making indexes", 0, 0)
        self._declare(neo4j_ddl())
        self.server.write("CALL db.awaitIndexes(600)")
        self.server.write("MATCH (p:IcsgraphPush {id: 'push'}) SET p.finished = true")

    def _declare(self, statements: Iterable[str]) -> None:
        """Constraints or indexes that are there already stay as they are."""
        self.server.write_all([(statement, {}) for statement in statements])


def _constraints() -> list[str]:
    return [statement for statement in neo4j_ddl() if statement.startswith("CREATE CONSTRAINT")]
