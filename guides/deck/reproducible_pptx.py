"""Make the ZIP file of a deck reproducible: the date of every part is the same."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest date of the ZIP format."""


def reproducible_zip(package: bytes) -> bytes:
    """Return the package with the same parts and fixed dates."""
    written = BytesIO()
    with ZipFile(BytesIO(package)) as parts, ZipFile(written, "w") as rewritten:
        for part in parts.infolist():
            timeless = ZipInfo(part.filename, LONG_AGO)
            timeless.compress_type = ZIP_DEFLATED
            rewritten.writestr(timeless, parts.read(part))
    return written.getvalue()
