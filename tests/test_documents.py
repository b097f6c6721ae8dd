"""Reports as numbered passages, and quotes that stand in them or do not."""

from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from icsgraph.loaders.documents import LONGEST_PASSAGE, Document, folded, read_document
from icsgraph.loaders.documents_pdf import paragraphs
from icsgraph.ontology.errors import FileFault, LayoutError


@pytest.fixture
def document(tmp_path: Path):
    """Write a file and read it as a document."""

    def read(name: str, content: str | bytes) -> Document:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_document(path)

    return read


def texts(document: Document) -> list[str]:
    return [passage.text for passage in document.passages]


def pdf(*pages: str, title: str = "") -> bytes:
    """A PDF with lines of text, written by hand: what a test needs and no more."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(pages)))
    info = f"<< /Title ({title}) >>"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Kids [{kids}] /Count {len(pages)} >>"]
    font = 3 + 2 * len(pages)
    for n, page in enumerate(pages):
        lines = "".join(f"({line}) Tj 0 -14 Td " for line in page.split("\n"))
        stream = f"BT /F1 11 Tf 60 700 Td {lines}ET"
        parts = "/Type /Page /Parent 2 0 R /MediaBox [0 0 600 800]"
        fonts = f"/Resources << /Font << /F1 {font} 0 R >> >>"
        objects.append(f"<< {parts} {fonts} /Contents {4 + 2 * n} 0 R >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    objects.append(info)
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    at = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    return out + f"trailer\n{trailer}\nstartxref\n{at}\n%%EOF\n".encode()


# Text and Markdown


def test_blank_lines_and_items_divide_a_text(document):
    read = document(
        "note.txt", "Beds\nwere short.\r\n\r\n\r\n- staff\n  tired\n2. more\n\n* * *\n--\n"
    )
    assert texts(read) == ["Beds were short.", "staff tired", "more"]
    assert [passage.number for passage in read.passages] == [1, 2, 3]
    assert [passage.page for passage in read.passages] == [None] * 3
    assert read.title == "note"


def test_a_form_feed_begins_a_page(document):
    read = document("note.txt", "One.\n\f\fThree.")
    assert [(p.page, p.text, p.locator) for p in read.passages] == [
        (1, "One.", "page 1, passage 1"),
        (3, "Three.", "page 3, passage 2"),
    ]


def test_markdown_loses_its_marks_and_keeps_its_words(document):
    read = document(
        "report.md",
        "<!-- a remark -->\n# The *report* #\n\nBeds & **staff** were [short](http://a.b).\n"
        "![map](m.png)\n\n| who | what |\n| :--: | -- |\n|| asked \\| told |\n\n"
        '<img src="x.png">\n\nTitle\n=====\nlast\n',
    )
    assert read.title == "The report"
    assert texts(read) == [
        *("The report", "Beds & staff were short.", "who | what", "asked | told", "Title", "last"),
    ]


def test_a_long_paragraph_is_split_at_the_ends_of_sentences(document):
    sentence = "Beds were short in winter. "
    read = document("note.txt", sentence * 100 + "x" * 3000)
    assert max(map(len, texts(read))) <= LONGEST_PASSAGE
    assert all(text.endswith("winter.") for text in texts(read)[:2])
    assert "".join(texts(read)).replace(" ", "") == (sentence * 100 + "x" * 3000).replace(" ", "")


# HTML


def test_a_page_is_read_as_it_is_shown(document):
    read = document(
        "page.html",
        "<!DOCTYPE html><html><head><title>Beds &amp; staff</title><style>p {}</style></head>"
        "<body><nav><a>Menu</a></nav><h1>Beds</h1><p>They <b>were</b> sh<i>ort</i>,<br>we hear."
        "<script>alert('no')</script><ul><li>one<li>two</ul>"
        "<table><tr><th>who<th>what</tr><tr><td>a</td><td>b</td></tr></table></body>",
    )
    assert read.title == "Beds & staff"
    assert texts(read) == [
        "Beds",
        "They were short,",
        "we hear.",
        "one",
        "two",
        "who | what",
        "a | b",
    ]


def test_a_menu_that_is_never_closed_does_not_swallow_the_page(document):
    assert texts(document("page.htm", "<nav><p>All of it.")) == ["All of it."]


def test_letters_of_windows_and_utf_16_are_read(document):
    assert texts(document("a.txt", "Caf\xe9 \x96 open".encode("latin-1"))) == ["Café – open"]
    assert texts(document("b.html", "<p>Café".encode("utf-16"))) == ["Café"]


# PDF


def test_a_pdf_is_read_page_by_page(document):
    first = (
        "Beds were short in the whole of the sys-\ntem.\nStaff were tired and said so in every hub."
    )
    read = document("report.pdf", pdf(first, "A second page.\n2", title="Winter"))
    assert read.title == "Winter"
    assert [(p.page, p.text) for p in read.passages] == [
        (1, "Beds were short in the whole of the system."),
        (1, "Staff were tired and said so in every hub."),
        (2, "A second page."),
    ]


def test_items_of_a_list_are_paragraphs_of_their_own():
    assert list(paragraphs("We ask for:\n• beds and\nstaff\n• time")) == [
        *("We ask for:", "beds and staff", "time"),
    ]


def test_a_pdf_that_cannot_be_read_is_said_so(document, tmp_path):
    writer = PdfWriter(clone_from=PdfReader(_file(tmp_path, pdf("Secret."))))
    writer.encrypt("password")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(LayoutError, match="it is encrypted"):
        read_document(tmp_path / "locked.pdf")
    with pytest.raises(LayoutError, match="it is damaged"):
        document("half.pdf", pdf("A page.")[:300])
    with pytest.raises(FileFault, match=r"has no text\.\nRecognise its text first"):
        document("scan.pdf", pdf(""))


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "plain.pdf"
    path.write_bytes(content)
    return path


# What is no report


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "the document has no text"),
        ("rules.md", b"| --- |\n\n***\n", "the document has no text"),
        ("report.docx", b"PK\x03\x04...", "it is a workbook, a Word file or an archive"),
        ("report.doc", b"\xd0\xcf\x11\xe0...", "it is an old Word or Excel file"),
        ("report.rtf", b"{\\rtf1 x}", "it is a rich text file"),
    ],
)
def test_what_is_no_report_is_said_so(name, content, said, document):
    with pytest.raises((FileFault, LayoutError), match=said):
        document(name, content)


def test_a_report_that_is_not_there(tmp_path):
    with pytest.raises(FileFault, match="there is no such file"):
        read_document(tmp_path / "none.md")


# Quotes


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("Beds were “short” in winter", True),
        ("beds were short", False),
        ("Beds  were\n'short'", False),
        ('Joined up "working" helped', True),
        ("Beds were ... helped", True),
        ("helped [...] Beds", False),
        ("in winter. Joined", True),
        ("Staff", False),
        ("", False),
        ("...", False),
    ],
)
def test_whether_a_quote_stands_in_a_document(quote, stands, document):
    read = document("a.txt", 'Beds were "short" in winter.\n\nJoined-up\n“working” helped.')
    assert read.holds(quote) is stands


def test_ligatures_and_soft_hyphens_do_not_matter():
    assert folded("e\ufb03cient care\u00adhomes") == folded("efficient carehomes")


def test_a_document_is_named_by_its_file_and_its_bytes(document):
    one, other = document("ICS (2022).txt", "One."), document("ICS (2022).txt", "Two.")
    assert one.key.startswith("ics-2022-")
    assert len(one.sha256) == 64
    assert one.key != other.key


def test_a_real_report_is_split_into_its_rows(shared):
    read = read_document(shared / "data" / "context" / "nhsengland_ICS-discovery.md")
    assert read.title == "FutureNHS Integrated Care System Discovery"
    assert len(read.passages) == 39
    assert read.passages[12].text.startswith("General Needs and Challenges of ICSs | A smooth")
    assert not any("<img" in text for text in texts(read))
