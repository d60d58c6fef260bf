"""Makes numbered screenshots of the site for the help."""

from core.text.text import Language, Text
from core.text.translation import translate

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Where Debian installs the headless Chromium."""


class PictureRefused(Exception):
    """Raised when a picture cannot be taken or would be wrong."""


class ChromiumFailed(PictureRefused):
    def __init__(self, cause: Text) -> None:
        super().__init__(translate(cause, Language.ENGLISH))
        self.cause = cause
