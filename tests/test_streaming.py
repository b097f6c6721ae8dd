"""Archives and files too large to hold: read in blocks of whole records, or refused."""

import gzip
import zipfile
from pathlib import Path

import pytest

from icsgraph.loaders import streaming
from icsgraph.loaders.streaming import blocks
from icsgraph.ontology.errors import FileFault, LayoutError

ROWS = b"code,name\n" + b"".join(b"R%02d,Trust\n" % n for n in range(50))


@pytest.fixture
def packed(tmp_path):
    """A zip archive of these members."""

    def packed(members, **how) -> Path:
        path = tmp_path / "RTT.zip"
        with zipfile.ZipFile(path, "w", **{"compression": zipfile.ZIP_DEFLATED, **how}) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return packed


def refused(path):
    with pytest.raises(LayoutError) as error:
        list(blocks(path))
    name, _, said = error.value.message.partition("RTT.zip cannot be an archive of one file: ")
    assert name == str(path.parent / "_")[:-1]
    return said


def changed(path, *replacements):
    content = path.read_bytes()
    for old, new in replacements:
        assert old in content
        content = content.replace(old, new)
    path.write_bytes(content)
    return path


def test_an_archive_gives_its_one_file(packed):
    assert b"".join(blocks(packed({"data/": b"", "data/RTT.CSV": ROWS}))) == ROWS


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_that_is_in_no_archive_is_read_too(tmp_path, pack):
    (tmp_path / "rtt.csv").write_bytes(pack(ROWS))
    assert b"".join(blocks(tmp_path / "rtt.csv")) == ROWS


def test_a_block_ends_with_a_record(packed, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK", 16)
    content = b'code,name\nR01,"Two\nlines\nand ""marks"""\nR02,One\n' * 4
    parts = list(blocks(packed({"a.csv": content})))
    assert b"".join(parts) == content
    assert len(parts) == 8
    assert all(part.endswith(b"\n") and part.count(b'"') % 2 == 0 for part in parts)


def test_a_quotation_mark_that_is_never_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK", 64)
    monkeypatch.setattr(streaming, "LONGEST_RECORD", 256)
    (tmp_path / "rtt.csv").write_bytes(b'code,name\nR00,"Trust\n' + ROWS)
    with pytest.raises(LayoutError, match="a quotation mark is never closed"):
        list(blocks(tmp_path / "rtt.csv"))


def test_lines_end_a_record_where_nothing_is_quoted(tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK", 8)
    (tmp_path / "a.jsonl").write_bytes(b'{"a": "5\\" pipe"}\n' * 3)
    assert list(blocks(tmp_path / "a.jsonl", quoted=False)) == [b'{"a": "5\\" pipe"}\n'] * 3


def test_an_archive_with_a_foreign_member(packed):
    path = packed({"rtt.csv": ROWS, "setup.exe": b"MZ"})
    assert refused(path) == 'it holds "setup.exe" beside "rtt.csv".'


def test_an_archive_with_two_files(packed):
    assert refused(packed({"a.csv": ROWS, "b.csv": ROWS})) == 'it holds "b.csv" beside "a.csv".'


@pytest.mark.parametrize("members", [{}, {"rtt.xlsx": b"PK"}])
def test_an_archive_without_a_table(packed, members):
    assert refused(packed(members)) == "it holds no CSV file."


def test_an_encrypted_archive(packed):
    # Bit 0 of the flags, in the local header and in the directory.
    path = changed(
        packed({"rtt.csv": ROWS}),
        (b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00"),
        (b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"),
    )
    assert refused(path) == '"rtt.csv" in it is encrypted.'


def test_an_archive_that_says_it_unpacks_to_ten_gigabytes(tmp_path):
    path = tmp_path / "RTT.zip"
    large = zipfile.ZipInfo("rtt.csv")
    with zipfile.ZipFile(path, "w") as archive, archive.open(large, "w", force_zip64=True) as file:
        file.write(ROWS)
        file._file_size = 10 * 2**30  # what the directory at the end will say
    assert refused(path) == "it unpacks to 10.0 GiB, and at most 2.0 GiB are read."


def test_an_archive_that_unpacks_to_more_than_it_says(packed):
    size = len(ROWS).to_bytes(4, "little")
    path = changed(packed({"rtt.csv": ROWS}), (size, (20).to_bytes(4, "little")))
    assert refused(path) == "it is damaged or breaks off."


def test_a_packed_file_that_turns_out_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "LARGEST_FILE", 2**20)
    path = tmp_path / "RTT.zip"
    path.write_bytes(gzip.compress(ROWS * 4096))
    assert refused(path) == "it unpacks to more than 0.0 GiB."


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_an_archive_that_breaks_off(packed, kept):
    path = packed({"rtt.csv": ROWS * 100})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert refused(path) == "it is damaged or breaks off."


def test_a_gzip_file_that_breaks_off(tmp_path):
    (tmp_path / "RTT.zip").write_bytes(gzip.compress(ROWS)[:-20])
    assert refused(tmp_path / "RTT.zip") == "it is damaged or breaks off."


def test_an_archive_with_changed_bytes(packed):
    path = changed(packed({"rtt.csv": ROWS}, compression=0), (b"R07,", b"R08,"))
    assert refused(path) == "it is damaged or breaks off."


def test_an_archive_packed_in_another_way(packed):
    path = changed(
        packed({"rtt.csv": ROWS}),
        (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", b"PK\x03\x04\x14\x00\x00\x00\x63\x00"),
        (
            b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x08\x00",
            b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x63\x00",
        ),
    )
    assert refused(path) == "it is packed in a way that is not read here."


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileFault, match="there is no such file"):
        list(blocks(tmp_path / "rtt.zip"))
