"""Turns a photograph into the picture of a page: numbered, lossless, light enough for a telephone's connection."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from guides.pictures.callouts import CallOut, Ink, drawn

HEAVIEST = 60_000
"""Bytes."""
EFFORT = {"quality": 80, "method": 1}
"""Of lossless WebP: on these pages each further method takes longer and weighs more; a higher quality takes ten times longer."""


def developed(photograph: Image.Image, callouts: Sequence[CallOut], ink: Ink, scale: float) -> bytes:
    """The picture's bytes."""
    written = BytesIO()
    drawn(photograph, callouts, ink, scale).save(written, "WEBP", lossless=True, **EFFORT)
    return written.getvalue()
