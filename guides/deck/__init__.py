"""Makes the slide decks with python-pptx, for people who help voters on site."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pptx import Presentation

from guides.deck.handout_slides import HandoutSlides
from guides.deck.slide_design import apply_design
from guides.handout_content import HandoutContent

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest date of the ZIP format."""


def build_deck(handout: HandoutContent) -> bytes:
    """Return the PPTX file. All parts have a fixed date, so the same content gives the same bytes."""
    deck = apply_design(Presentation())
    HandoutSlides(deck, handout).add_slides()
    saved, written = BytesIO(), BytesIO()
    deck.save(saved)
    with ZipFile(saved) as parts, ZipFile(written, "w") as rewritten:
        for part in parts.infolist():
            timeless = ZipInfo(part.filename, LONG_AGO)
            timeless.compress_type = ZIP_DEFLATED
            rewritten.writestr(timeless, parts.read(part))
    return written.getvalue()
