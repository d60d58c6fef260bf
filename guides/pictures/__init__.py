"""Takes the pictures of the help: opens the real site in Chromium, takes screenshots, and adds numbers."""

from core.text.text import Language, Text
from core.text.translation import translate

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Path of the headless Chromium in Debian."""


class PictureRefused(Exception):
    """Raised when a picture cannot be taken or would be wrong. The help is then not built."""


class ChromiumFailed(PictureRefused):
    def __init__(self, cause: Text) -> None:
        super().__init__(translate(cause, Language.ENGLISH))
        self.cause = cause
