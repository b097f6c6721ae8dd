"""Pages, who published them, and the reviews: what findings are reported in and filed under."""

from __future__ import annotations

from collections import Counter

from ..ontology.vocabularies import scheme
from .evidence_files import Row
from .evidence_gathered import dated, joined
from .evidence_reading import Holder, Reading

__all__ = ["compare_uses", "read_publishers", "read_reviews", "read_sources"]


def read_sources(reading: Reading) -> None:
    """sources.csv: each page is a Source `icsg:source/<key>`, found again by its address."""
    sheet = reading.sheets["sources"]
    keys: set[str] = set()
    for row in sheet:
        page = sheet.identifier(row, "source_key", "icsg", f"source/{row['source_key']}")
        cut = sheet.yes(row, "stored_text_cut")
        sheet.number(row, "findings_using", 0, float("inf"))
        if row["url"] in reading.pages:
            sheet.fault(row, "url", "is the address of an earlier row")
        if row["source_key"] in keys:
            sheet.fault(row, "source_key", "is the key of an earlier row", "Give it another key.")
        if not sheet.sound(row):
            continue
        keys.add(row["source_key"])
        reading.pages[row["url"]] = page
        reading.found.node(
            "Source",
            page,
            name=row["title"],
            url=row["url"],
            text_cut=cut,
            source_type="web-page",
        )
        sheet.accept(row)


def compare_uses(reading: Reading) -> None:
    """Note in the account of sources.csv where another number of findings uses a page than it says.

    To be asked when findings.csv is read, and before other findings are.
    """
    sheet = reading.sheets["sources"]
    stated = reading.found.ends("REPORTS")
    uses = Counter(page for page, what in stated if what.startswith("icsg:finding/"))
    for row in sheet:
        count = uses[reading.pages[row["url"]]]
        if row["findings_using"] and float(row["findings_using"]) != count:
            said = f"findings_using is {row['findings_using']}, but {count} were read"
            sheet.notes.append(f"row {row.number}, {row['source_key']}: {said}")


def read_publishers(reading: Reading) -> None:
    """publishers.csv (optional): who published a page, when, and what kind of page it is."""
    sheet = reading.sheets["publishers"]
    known = set(reading.pages.values())
    done: set[str] = set()
    for row in sheet:
        page = f"icsg:source/{row['source_key']}"
        page_type = reading.term(sheet, row, "source_type", "source-type")
        published = sheet.date(row, "published")
        if page not in known:
            sheet.fault(row, "source_key", "is no key in sources.csv")
        if page in done:
            sheet.fault(row, "source_key", "is the key of an earlier row")
        if not sheet.sound(row):
            continue
        done.add(page)
        reading.found.node("Source", page, publisher=row["publisher"], **dated(published))
        if page_type:
            reading.found.amend("Source", page, source_type=page_type)
        sheet.merge(row)


def read_reviews(reading: Reading) -> None:
    """reviews.csv: a row with a phase is a Review, any other a Source that is no review.

    The phase is the place of a review in the order of the programme; the later inspections and the
    collection of context pages have none.
    """
    sheet = reading.sheets["reviews"]
    for row in sheet:
        page = reading.page(sheet, row)
        phase = sheet.number(row, "phase", 1, 99)
        kind = "Review" if row["phase"] else "Source"
        identifier = sheet.identifier(
            row, "review_id", "icsg", f"{kind.lower()}/{row['review_id']}"
        )
        when = sheet.interval(row, "fieldwork_start", "fieldwork_end")
        sheet.worded(row, "topic")
        if row["review_id"] in reading.holders:
            sheet.fault(row, "review_id", "is the id of an earlier row")
        if not sheet.sound(row):
            continue
        topic = _topic(reading, row) if phase else None
        holder = Holder(identifier, phase is not None, topic, int(phase) if phase else None, when)
        reading.holders[row["review_id"]] = holder
        (_review if phase else _collection)(reading, row, holder)
        if page and phase:
            reading.found.link("REPORTS", page, identifier, locator=row["title"] or None)
        sheet.accept(row)


def _topic(reading: Reading, row: Row) -> str:
    """The topic's notation: the vocabulary's by the review's id, else that of the topic's own
    name."""
    known = scheme("topic").notation_of(row["review_id"])
    if known is None:
        return reading.found.concept("topic", row["topic"]).rpartition("/")[2]
    concept = reading.found.concept("topic", scheme("topic").term(known).label)
    reading.found.node("Concept", concept, other_names=[row["topic"]])
    return known


def _review(reading: Reading, row: Row, review: Holder) -> None:
    reading.found.node(
        "Review",
        review.id,
        name=row["topic"],
        other_names=[row["title"]] if row["title"] else [],
        topic=review.topic,
        phase=review.phase,
        published=row.text("published"),
        url=row.text("source_url"),
        note=row.text("note"),
        **dated(review.when),
    )
    reading.found.link("ABOUT", review.id, f"icsg:topic/{review.topic}", **_place(row))


def _collection(reading: Reading, row: Row, holder: Holder) -> None:
    published = f"Published: {row['published']}" if row["published"] else None
    source_type = "inspection-programme" if any(holder.when.bounds) else "context-collection"
    reading.found.node(
        "Source",
        holder.id,
        name=row["topic"],
        other_names=[row["title"]] if row["title"] else [],
        url=row.text("source_url"),
        source_type=source_type,
        is_review=False,
        note=joined(row["note"], published),
        **dated(holder.when),
    )


def _place(row: Row) -> dict[str, str]:
    return {"locator": f"reviews.csv, row {row.number}"}
