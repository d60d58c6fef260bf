"""Makes slide decks that explain the site to voters."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pptx import Presentation

from guides.deck.handout_slides import HandoutSlides
from guides.deck.slide_design import apply_design
from guides.handout_content import HandoutContent

EARLIEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def build_deck(handout: HandoutContent) -> bytes:
    """Return a handout as a PPTX file. The same content always produces the same bytes."""
    deck = apply_design(Presentation())
    HandoutSlides(deck, handout).add_slides()
    saved, written = BytesIO(), BytesIO()
    deck.save(saved)
    with ZipFile(saved) as parts, ZipFile(written, "w") as rewritten:
        for part in parts.infolist():
            timeless = ZipInfo(part.filename, EARLIEST_ZIP_DATE)
            timeless.compress_type = ZIP_DEFLATED
            rewritten.writestr(timeless, parts.read(part))
    return written.getvalue()
