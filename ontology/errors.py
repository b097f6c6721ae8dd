"""Everything that can go wrong and be said in one sentence.

    IcsgraphError            exit code 1
    ├── UsageError           2  what was asked cannot be asked
    │   ├── ArgumentFault       what a function was given, by the name of its argument
    │   └── UnknownName         no such question, parameter, value, source...: the nearest are said
    ├── DataError            1  what was read is not what it should be
    │   ├── FileFault           one value, row or file: where, what, why
    │   ├── LayoutError         a file that cannot be this publisher's layout
    │   ├── MappingFault        a mapping of somebody's own data, every fault with its line
    │   ├── DateFault           a text that is no date (also a ValueError)
    │   ├── IdentifierFault     a text that is no identifier (also a ValueError)
    │   ├── StoreError          the store cannot be used
    │   │   ├── StoreMissing
    │   │   ├── StoreLocked
    │   │   └── StoreDamaged
    │   ├── QuestionFault       a file of the catalogue of questions, with its line
    │   └── QueryError          an engine refused a query; its own message
    └── ServiceError         3  something outside is missing or failed
        ├── MissingService
        └── ServiceFailed       what a web service did, and at which address

`str(error)` is one sentence and, on a second line, what to do next; the command line prints it
without a traceback and leaves with `error.exit_code`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import ClassVar

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of the signal, as shells count."""
LONGEST_VALUE_SHOWN = 80
MOST_NAMES_SHOWN = 12


def shown(value: object) -> str:
    """Write a value of the user's so that it can be told apart from our words, on one line.

    >>> print(shown("QE9"), shown("two\\nlines"), shown(412))
    "QE9" 'two\\nlines' "412"
    """
    text = str(value)
    if len(text) > LONGEST_VALUE_SHOWN:
        text = text[: LONGEST_VALUE_SHOWN - 3] + "..."
    return f'"{text}"' if text.isprintable() else repr(text)


class IcsgraphError(Exception):
    """Any failure that is reported to the user in a sentence.

    `message` says what and where, `hint` what to do next (may be empty).

    >>> print(IcsgraphError("The store is empty.", "Build it first."))
    The store is empty.
    Build it first.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(IcsgraphError):
    """What was asked cannot be asked: an option, a parameter or a combination of them."""

    exit_code: ClassVar[int] = 2


class ArgumentFault(UsageError, ValueError):
    """What a function was given cannot be used; `argument` is the name it has in the call.

    >>> print(ArgumentFault("ties", "row 3 has neither a start nor an end", "Leave it out."))
    The argument `ties` cannot be used: row 3 has neither a start nor an end.
    Leave it out.
    """

    def __init__(self, argument: str, reason: str, hint: str = "") -> None:
        self.argument = argument
        self.reason = reason
        super().__init__(_sentence(f"The argument `{argument}` cannot be used: {reason}"), hint)


class UnknownName(UsageError):
    """A name that is not among the choices; `nearest` holds the likeliest, best first.

    >>> print(UnknownName("question", "barrier", ["barriers", "voices", "common-barriers"]))
    There is no question "barrier".
    The nearest names: barriers, common-barriers.
    >>> print(UnknownName("topic", "dentistry", ["cancer", "older-people"]))
    There is no topic "dentistry".
    The names known: cancer, older-people.
    """

    def __init__(self, kind: str, name: str, choices: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.choices = sorted(set(choices))
        self.nearest = nearest_names(str(name), self.choices)
        super().__init__(f"There is no {kind} {shown(name)}.", self._what_next())

    def _what_next(self) -> str:
        if self.nearest:
            return f"The nearest names: {_listed(self.nearest)}."
        if not self.choices:
            return "There are none to choose from."
        more = len(self.choices) - MOST_NAMES_SHOWN
        names = _listed(self.choices[:MOST_NAMES_SHOWN])
        return f"The names known: {names}{f' and {more} more' if more > 0 else ''}."


def _listed(names: Sequence[str]) -> str:
    """Names one after the other, so that one that holds a comma is seen to be one.

    >>> _listed(["Devon", "Sussex"]), _listed(["Leicester, Leicestershire and Rutland", "Devon"])
    ('Devon, Sussex', 'Leicester, Leicestershire and Rutland; Devon')
    """
    return ("; " if any("," in name for name in names) else ", ").join(names)


def nearest_names(name: str, choices: Sequence[str]) -> list[str]:
    """Which of `choices` look like `name`, whatever the case: at most three, best first.

    A choice that holds the whole name is near, too, once the name has three letters.

    >>> nearest_names("Cancr", ["cancer", "older-people"])
    ['cancer']
    >>> nearest_names("Mersey", ["Somerset", "Cheshire and Merseyside"])
    ['Cheshire and Merseyside', 'Somerset']
    """
    by_lower_case: dict[str, str] = {}
    for choice in choices:
        by_lower_case.setdefault(choice.lower(), choice)
    wanted = name.strip().lower()
    holding = [c for c in by_lower_case if wanted in c] if len(wanted) > 2 else []
    close = get_close_matches(wanted, list(by_lower_case), n=3, cutoff=0.6)
    near = dict.fromkeys([*sorted(holding, key=lambda c: (len(c), c)), *close])
    return [by_lower_case[lower] for lower in near][:3]


class DataError(IcsgraphError):
    """What was read is not what it should be."""


class FileFault(DataError):
    """A value, a row or a whole file that cannot be used.

    `row` counts the lines of data as the user's editor shows them (the first line is 1).
    `reason` continues the sentence that the value begins; without a value it stands alone.

    >>> print(FileFault("etr.csv", 412, "code", "QE9", "is no code of an NHS trust",
    ...                 "Correct the code, or take the row out."))
    etr.csv, row 412, column code: "QE9" is no code of an NHS trust.
    Correct the code, or take the row out.
    >>> print(FileFault("etr.csv", reason="the file is empty"))
    etr.csv: the file is empty.
    """

    def __init__(
        self,
        file: str | Path,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
        reason: str = "cannot be used",
        hint: str = "",
    ) -> None:
        self.file = str(file)
        self.row = row
        self.column = column
        self.value = value
        self.reason = reason
        where = self.file
        where += f", row {row}" if row is not None else ""
        where += f", column {column}" if column is not None else ""
        what = f"{shown(value)} {reason}" if value is not None else reason
        super().__init__(_sentence(f"{where}: {what}"), hint)


class LayoutError(DataError):
    """A file that cannot be the layout it was listed as; nothing of it was read.

    >>> print(LayoutError("etr.csv", "NHS trusts of ODS (etr)", "it has 12 columns, not 27",
    ...                   "Check the kind of this source in SOURCES.toml."))
    etr.csv cannot be NHS trusts of ODS (etr): it has 12 columns, not 27.
    Check the kind of this source in SOURCES.toml.
    """

    def __init__(self, file: str | Path, layout: str, reason: str, hint: str = "") -> None:
        self.file = str(file)
        self.layout = layout
        self.reason = reason
        super().__init__(_sentence(f"{self.file} cannot be {layout}: {reason}"), hint)


class MappingFault(DataError):
    """A mapping of somebody's own data that cannot be meant: each fault with its line, what is
    wrong, and what to do.

    >>> print(MappingFault("own.toml", [(7, 'there is no field "nam"', "The nearest: name."),
    ...                                 (9, "the key file is missing", "")]))
    own.toml, line 7: there is no field "nam". The nearest: name.
    own.toml, line 9: the key file is missing.
    """

    def __init__(self, file: str | Path, faults: Sequence[tuple[int | None, str, str]]) -> None:
        self.file = str(file)
        self.faults = tuple(faults)
        super().__init__("\n".join(self._told(*fault) for fault in self.faults))

    def _told(self, line: int | None, reason: str, hint: str) -> str:
        where = self.file if line is None else f"{self.file}, line {line}"
        return f"{where}: {_sentence(reason)} {hint}".rstrip()


class DateFault(DataError, ValueError):
    """A text that states no date, or an impossible one; `accepted` are the forms that do.

    >>> print(DateFault("2021-02-30", "February 2021 has 28 days", ["2020", "by 2021-05-28"]))
    "2021-02-30" is no date: February 2021 has 28 days.
    Write it as one of: 2020 | by 2021-05-28.
    >>> print(DateFault("2021", "a single day is needed", ["2021-05-28"]))
    "2021" is no date: a single day is needed.
    Write it as in 2021-05-28.
    """

    def __init__(self, text: str, reason: str, accepted: Sequence[str]) -> None:
        self.text = text
        self.reason = reason
        self.accepted = tuple(accepted)
        forms = " | ".join(self.accepted)
        of_several = "one of: " if len(self.accepted) > 1 else "in "
        super().__init__(
            _sentence(f"{shown(text)} is no date: {reason}"),
            f"Write it as {of_several}{forms}." if forms else "",
        )


class IdentifierFault(DataError, ValueError):
    """A text that is no identifier.

    >>> print(IdentifierFault("R1H", "it has no prefix", "An NHS trust is written ods:R1H."))
    "R1H" is no identifier: it has no prefix.
    An NHS trust is written ods:R1H.
    """

    def __init__(self, text: str, reason: str, hint: str = "") -> None:
        self.text = text
        self.reason = reason
        super().__init__(_sentence(f"{shown(text)} is no identifier: {reason}"), hint)


class StoreError(DataError):
    """The store cannot be used; the last snapshot, if there is one, is untouched."""


class StoreMissing(StoreError):
    """There is no store at the path, or nothing was built in it yet.

    >>> print(StoreMissing("my-store"))
    There is no store at my-store.
    Build one first: icsgraph build --sample --store my-store
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        super().__init__(
            f"There is no store at {self.path}.",
            f"Build one first: icsgraph build --sample --store {self.path}",
        )


class StoreLocked(StoreError):
    """Another build is at work on the store.

    >>> print(StoreLocked("my-store", "process 4242"))
    The store my-store is being built by process 4242.
    Wait until it has finished, then build again.
    """

    def __init__(self, path: str | Path, holder: str = "another process") -> None:
        self.path = str(path)
        self.holder = holder
        super().__init__(
            f"The store {self.path} is being built by {holder}.",
            "Wait until it has finished, then build again.",
        )


class StoreDamaged(StoreError):
    """A file of the store is missing, half or changed since it was written.

    >>> print(StoreDamaged("my-store", "nodes/System.parquet has another checksum"))
    The store my-store is damaged: nodes/System.parquet has another checksum.
    Build it again from its sources: icsgraph build --store my-store
    """

    def __init__(self, path: str | Path, reason: str, hint: str = "") -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(
            _sentence(f"The store {self.path} is damaged: {reason}"),
            hint or f"Build it again from its sources: icsgraph build --store {self.path}",
        )


class QuestionFault(DataError):
    """A file of the catalogue that is no question; the line, where it is known, is said.

    >>> print(QuestionFault("catalogue/voices.toml", 7, "the column voice has no description"))
    catalogue/voices.toml, line 7: the column voice has no description.
    """

    def __init__(self, file: str | Path, line: int | None, reason: str, hint: str = "") -> None:
        self.file = str(file)
        self.line = line
        self.reason = reason
        where = f"{self.file}, line {line}" if line is not None else self.file
        super().__init__(_sentence(f"{where}: {reason}"), hint)


class QueryError(DataError):
    """An engine refused or gave up a query; `reason` is the engine's own message.

    >>> print(QueryError("Cypher", "Binder exception: Variable s is not in scope"))
    Cypher refused the query: Binder exception: Variable s is not in scope.
    """

    def __init__(self, engine: str, reason: str, hint: str = "") -> None:
        self.engine = engine
        self.reason = reason
        super().__init__(_sentence(f"{engine} refused the query: {reason}"), hint)


class ServiceError(IcsgraphError):
    """Something outside the package failed: a server, a browser, a network."""

    exit_code: ClassVar[int] = 3


class MissingService(ServiceError):
    """Something outside the package, or an optional part of it, is not there.

    >>> print(MissingService("the Neo4j driver", "Install it: pip install 'icsgraph[neo4j]'"))
    This needs the Neo4j driver, which is not here.
    Install it: pip install 'icsgraph[neo4j]'
    """

    def __init__(self, service: str, hint: str) -> None:
        self.service = service
        super().__init__(f"This needs {service}, which is not here.", hint)


class ServiceFailed(ServiceError):
    """A web service refused, gave up or answered what cannot be used; `status` is that of HTTP, if
    it answered.

    >>> print(ServiceFailed("The CQC API", "https://a.uk/v1/providers", "it answered 503", "Wait."))
    The CQC API failed at https://a.uk/v1/providers: it answered 503.
    Wait.
    """

    def __init__(
        self, service: str, url: str, reason: str, hint: str = "", status: int | None = None
    ) -> None:
        self.service = service
        self.url = url
        self.reason = reason
        self.status = status
        super().__init__(_sentence(f"{service} failed at {url}: {reason}"), hint)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
