"""A deck is a ZIP file of parts, each with the moment it was written at: here always the same."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""As early as a ZIP file can say."""


def same_bytes(package: bytes) -> bytes:
    """The same parts in the same order, without the moments."""
    written = BytesIO()
    with ZipFile(BytesIO(package)) as parts, ZipFile(written, "w") as rewritten:
        for part in parts.infolist():
            timeless = ZipInfo(part.filename, LONG_AGO)
            timeless.compress_type = ZIP_DEFLATED
            rewritten.writestr(timeless, parts.read(part))
    return written.getvalue()
