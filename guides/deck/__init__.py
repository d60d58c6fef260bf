"""The deck: slides that people who help voters on site show, change and pass round, by python-pptx."""

from io import BytesIO

from pptx import Presentation

from guides.deck.design import designed
from guides.deck.package import same_bytes
from guides.deck.slides import Slides
from guides.leaflets import Leaflet


def deck_of(leaflet: Leaflet) -> bytes:
    """The file. The same leaflet gives the same bytes."""
    deck = designed(Presentation())
    Slides(deck, leaflet).fill()
    written = BytesIO()
    deck.save(written)
    return same_bytes(written.getvalue())
