"""The deck: slides that people who help voters on site show, change and share, made with python-pptx."""

from io import BytesIO

from pptx import Presentation

from guides.deck.handout_slides import HandoutSlides
from guides.deck.reproducible_pptx import reproducible_zip
from guides.deck.slide_design import apply_design
from guides.handout_content import HandoutContent


def build_deck(handout: HandoutContent) -> bytes:
    """Return the file of a deck. The same content gives the same bytes."""
    deck = apply_design(Presentation())
    HandoutSlides(deck, handout).add_slides()
    written = BytesIO()
    deck.save(written)
    return reproducible_zip(written.getvalue())
