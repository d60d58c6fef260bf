"""Tell what is missing on the pages that the law asks for."""

from collections.abc import Iterator

from cli.checks import CheckResult, passed, warning
from core.app import doctor_sentences as words
from core.app.settings import Settings


def check_legal_settings(settings: Settings) -> Iterator[CheckResult]:
    """Name the empty settings of [legal]; a demonstration owes nobody such pages."""
    if settings.demo:
        return
    missing = settings.legal.missing
    if missing:
        yield warning(words.LEGAL, words.LEGAL_MISSING.fill({"settings": ", ".join(missing)}), words.GIVE_LEGAL)
    else:
        yield passed(words.LEGAL, words.LEGAL_FINE)
