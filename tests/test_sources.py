"""`SOURCES.toml`: what is read of it, and what is said of each fault, with its source."""

import pytest

from icsgraph.loaders.sources import read_sources
from icsgraph.ontology.errors import FileFault

LISTED = """
root = "."
[[source]]
id = "ods-trusts@2026-04"
kind = "ods-trusts"
files = ["etr.csv"]
title = "Trusts"
as_of = "2026-04"
licence = "OGL-UK-3.0"
complete = true
"""


@pytest.fixture
def read(tmp_path):
    """Read a list of sources; `etr.csv` is there."""

    def read(text):
        (tmp_path / "etr.csv").write_bytes(b"")
        (tmp_path / "SOURCES.toml").write_text(text, encoding="utf-8")
        return read_sources(tmp_path / "SOURCES.toml")

    return read


def test_a_day_may_stand_without_quotation_marks(read):
    (listed,) = read(LISTED.replace('"2026-04"\n', "2026-04-01\n"))
    assert (listed.as_of, listed.complete) == ("2026-04-01", True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"ods-trusts@2026-04"', '"ODS Trusts"', 'source 1, ODS Trusts: the id "ODS Trusts" is'),
        ('"ods-trusts"', '"ods-trust"', "source 1, ods-trusts@2026-04: There is no kind of source"),
        (
            "licence",
            "license",
            'There is no key of a source "license".\nThe nearest names: licence.',
        ),
        ('title = "Trusts"', "", "source 1, ods-trusts@2026-04: the key title is missing"),
        ('["etr.csv"]', '"etr.csv"', "files is 'etr.csv'.\nIt has to be a list"),
        ('["etr.csv"]', "[]", "files names none.\nName at least one file."),
        ('["etr.csv"]', '["etr.csv", "etr.csv"]', "etr.csv is listed twice"),
        ('["etr.csv"]', '["ect.csv"]', "ect.csv is not there"),
        ("true", '"yes"', "complete is 'yes'.\nIt has to be true or false."),
        ('"2026-04"\n', '"April"\n', 'source 1, ods-trusts@2026-04: "April" is no date'),
        ("licence", 'retrieved = "soon"\nlicence', '"soon" is no date'),
        ("root", "rot", 'There is no key of SOURCES.toml "rot".\nThe nearest names: root.'),
        ("[[source]]", "[source]", "it lists no source.\nEach begins with [[source]]."),
        ('"Trusts"', "Trusts", "it is no TOML"),
        (LISTED, 'source = ["etr.csv"]', "it lists no source"),
        (LISTED, LISTED + LISTED.replace('root = "."', ""), "is listed twice"),
    ],
)
def test_each_fault_is_said_with_its_source(read, old, new, said):
    with pytest.raises(FileFault) as fault:
        read(LISTED.replace(old, new, 1))
    assert said in str(fault.value)
