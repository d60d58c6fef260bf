"""QR codes on paper, drawn as they are printed: sharp at any size."""

import segno

QUIET_MODULES = 2


def qr_code_uri(address: str) -> str:
    """Return the QR code of an address as the URI of a drawing."""
    return segno.make_qr(address, error="m").svg_data_uri(border=QUIET_MODULES, scale=4, dark="#000")
