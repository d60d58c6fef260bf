"""Encode a photograph as the picture of a page: numbered, lossless, small enough for a mobile connection."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from guides.pictures.callouts import Callout, CalloutColours, draw_callouts

HEAVIEST = 60_000
"""The largest size, in bytes."""
EFFORT = {"quality": 76, "method": 1}
"""The effort of lossless WebP: on these pages more effort takes longer and a higher quality takes ten times longer; less than 75 makes files a tenth larger."""


def encode_picture(
    photograph: Image.Image, callouts: Sequence[Callout], callout_colours: CalloutColours, scale: float
) -> bytes:
    """Return the picture's bytes."""
    written = BytesIO()
    draw_callouts(photograph, callouts, callout_colours, scale).save(written, "WEBP", lossless=True, **EFFORT)
    return written.getvalue()
