"""Runs one SPARQL query on a store, here or in a process that can be stopped.

Nothing interrupts a query of Oxigraph from inside, so one with a time limit runs in a process of
its own, which is ended when the time is over.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyoxigraph as ox

__all__ = ["Asked", "Solutions", "Undone", "serve", "solve", "solve_apart"]

Solutions = tuple[list[str], list[tuple[Any, ...]]]
"""The names of the columns, and rows of terms; None where a variable has no value."""

_TRIPLE = ["subject", "predicate", "object"]
_CHILD = f"from {__name__} import serve; serve()"


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, complete: what its prefixes and relative IRIs mean, and how many rows are wanted."""

    text: str
    prefixes: dict[str, str]
    base: str
    limit: int | None = None


class Undone(Exception):
    """The engine gave no answer; the message is its own. `syntax` tells whether it could not read
    the query."""

    def __init__(self, message: str, syntax: bool = False) -> None:
        super().__init__(message, syntax)
        self.message = message
        self.syntax = syntax


def solve(store: ox.Store, asked: Asked) -> Solutions:
    """The solutions of a query. ASK gives one row, CONSTRUCT and DESCRIBE a row for each triple."""
    try:
        found = store.query(asked.text, prefixes=asked.prefixes, base_iri=asked.base)
        if isinstance(found, ox.QueryBoolean):
            return ["answer"], [(ox.Literal(bool(found)),)]
        rows: Iterable[Any] = islice(found, asked.limit)
        if isinstance(found, ox.QueryTriples):
            return _TRIPLE, [(t.subject, t.predicate, t.object) for t in rows]
        return [variable.value for variable in found.variables], [tuple(row) for row in rows]
    except SyntaxError as error:
        raise Undone(str(error), syntax=True) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise Undone(str(error)) from None


def solve_apart(folder: str, asked: Asked, seconds: float) -> Solutions:
    """The solutions of a query on the store in a folder; `TimeoutError` when the time is over."""
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-c", _CHILD],
            input=pickle.dumps((folder, asked)),
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if child.returncode:
        raise Undone("the process that ran it came to an end, perhaps for lack of memory")
    answer = pickle.loads(child.stdout)
    if isinstance(answer, Undone):
        raise answer
    solutions: Solutions = answer
    return solutions


def serve() -> None:
    """Answer the query on standard input on standard output: the child of `solve_apart`."""
    folder, asked = pickle.load(sys.stdin.buffer)
    try:
        answer: Solutions | Undone = solve(ox.Store.read_only(folder), asked)
    except Undone as undone:
        answer = undone
    sys.stdout.buffer.write(pickle.dumps(answer))
