"""Encode a photograph as the picture of a page: numbered, sharp, small enough for a mobile connection."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from guides.pictures.callouts import Callout, CalloutColours, draw_callouts

HEAVIEST = 60_000
"""The largest size, in bytes."""
COLOURS = 256
"""More than a page has, but for the blends at the edges of its letters, which change by less than an eye sees: half the time, a seventh less to send."""
EFFORT = {"quality": 20, "method": 1}
"""The effort of lossless WebP: on these pages 30 takes twice as long and makes files a seventh smaller; less than 20 spares nothing."""


def encode_picture(
    photograph: Image.Image, callouts: Sequence[Callout], callout_colours: CalloutColours, scale: float
) -> bytes:
    """Return the picture's bytes."""
    numbered = draw_callouts(photograph, callouts, callout_colours, scale)
    written = BytesIO()
    few_colours = numbered.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few_colours.save(written, "WEBP", lossless=True, **EFFORT)
    return written.getvalue()
