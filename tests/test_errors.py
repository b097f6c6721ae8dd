"""What a user is told when something goes wrong: where, what, what next, and the exit code."""

import inspect
import re

import pytest

from icsgraph.ontology import errors
from icsgraph.ontology.errors import (
    DataError,
    DateFault,
    FileFault,
    IcsgraphError,
    IdentifierFault,
    LayoutError,
    MissingService,
    QueryError,
    QuestionFault,
    ServiceError,
    ServiceFailed,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreMissing,
    UnknownName,
    UsageError,
)

EXAMPLES = [
    UnknownName("question", "barrier", ["barriers", "voices"]),
    FileFault("etr.csv", 412, "code", "QE9", "is no code of an NHS trust", "Correct the code."),
    LayoutError("etr.csv", "NHS trusts of ODS (etr)", "it has 12 columns, not 27"),
    DateFault("2021-02-30", "February 2021 has 28 days", ["2020"]),
    IdentifierFault("R1H", "it has no prefix"),
    StoreMissing("my-store"),
    StoreLocked("my-store"),
    StoreDamaged("my-store", "the manifest is cut off"),
    QuestionFault("voices.toml", 7, "the column voice has no description"),
    QueryError("Cypher", "Parser exception"),
    MissingService("the Neo4j driver", "Install it: pip install 'icsgraph[neo4j]'"),
    ServiceFailed("The CQC API", "https://a.uk/v1/providers", "it answered 503", "Wait.", 503),
]


def drawn_tree() -> dict[str, str]:
    """Each error drawn at the head of the module, and the one that it hangs from."""
    above: dict[int, str] = {}
    parents = {}
    for branch, name in re.findall(r"^ {4}(\W*)(\w+)", errors.__doc__ or "", re.MULTILINE):
        above[len(branch)] = name
        parents[name] = above.get(len(branch) - 4, "")
    return parents


def test_the_tree_at_the_head_of_the_module_is_the_tree() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    ours = [kind for kind in kinds if issubclass(kind, IcsgraphError)]
    bases = {kind.__name__: kind.__bases__[0].__name__ for kind in ours}
    assert drawn_tree() == bases | {"IcsgraphError": ""}


@pytest.mark.parametrize(
    ("kind", "code"), [(IcsgraphError, 1), (UsageError, 2), (DataError, 1), (ServiceError, 3)]
)
def test_a_branch_of_the_tree_has_one_exit_code(kind: type[IcsgraphError], code: int) -> None:
    assert kind.exit_code == code
    assert {error.exit_code for error in EXAMPLES if isinstance(error, kind)} >= {code}


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_is_one_sentence_and_a_line_on_what_next(error: IcsgraphError) -> None:
    sentence, *rest = str(error).split("\n")
    assert sentence == error.message
    assert sentence.endswith(".")
    assert rest == ([error.hint] if error.hint else [])


def test_a_fault_in_a_file_says_where() -> None:
    fault = FileFault("etr.csv", 412, "code", "QE9", "is no code of an NHS trust")
    assert str(fault) == 'etr.csv, row 412, column code: "QE9" is no code of an NHS trust.'
    assert (fault.file, fault.row, fault.column, fault.value) == ("etr.csv", 412, "code", "QE9")
    assert str(FileFault("a.csv", row=3, reason="the row is short")) == (
        "a.csv, row 3: the row is short."
    )
    assert str(FileFault("a.csv", 2, "name", "", "may not be blank")) == (
        'a.csv, row 2, column name: "" may not be blank.'
    )


@pytest.mark.parametrize("value", ["two\nlines", "\x1b[31mred", "x" * 5000, "\u202etxet"])
def test_a_hostile_value_stays_on_one_short_line(value: str) -> None:
    text = str(FileFault("a.csv", 1, "name", value, "is too odd"))
    assert text.isprintable()
    assert len(text) < 200


def test_an_unknown_name_has_its_nearest_said_first() -> None:
    fault = UnknownName("question", "Comon-Barriers", ["voices", "barriers", "common-barriers"])
    assert fault.nearest[0] == "common-barriers"
    assert fault.hint == "The nearest names: common-barriers, barriers."


def test_an_unknown_name_like_no_other_has_the_choices_listed() -> None:
    assert UnknownName("topic", "zzz", ["b", "a"]).hint == "The names known: a, b."
    assert UnknownName("topic", "zzz", []).hint == "There are none to choose from."
    many = UnknownName("topic", "zzz", [f"a{n:02}" for n in range(20)])
    assert many.hint.endswith("a11 and 8 more.")


def test_a_missing_store_says_how_to_build_one() -> None:
    assert "icsgraph build --sample --store my-store" in StoreMissing("my-store").hint
    assert {StoreMissing, StoreLocked, StoreDamaged} == set(StoreError.__subclasses__())


@pytest.mark.parametrize("kind", [DateFault, IdentifierFault])
def test_faults_of_values_are_value_errors_too(kind: type[Exception]) -> None:
    assert issubclass(kind, ValueError)
    assert issubclass(kind, DataError)
