"""The legal notice of the site (loi n° 2004-575 du 21 juin 2004, article 1-1)."""

from core.app.legal.text_page import TextPage, TextPart, setting_or_missing_words
from core.app.settings import Settings
from core.policy.urls import LEGAL_NOTICE_PATH
from core.text.text import N_


def legal_notice(settings: Settings) -> TextPage:
    """Return the notice of an election."""
    legal = settings.legal
    return TextPage(
        path=LEGAL_NOTICE_PATH,
        title=N_("Mentions légales"),
        link=N_("Mentions légales"),
        sections=(
            TextPart(
                title=N_("Éditeur"),
                sentences=(
                    N_(
                        "{publisher}, {address}.",
                        publisher=setting_or_missing_words(legal.publisher),
                        address=setting_or_missing_words(legal.publisher_address),
                    ),
                    N_(
                        "Responsable de la publication : {director}.", director=setting_or_missing_words(legal.director)
                    ),
                    N_("Contact : {mail_address}, {desk_phone}, {desk_hours}.", mail_address=settings.desk.email),
                ),
            ),
            TextPart(
                title=N_("Hébergeur"),
                sentences=(N_("{hosting}.", hosting=setting_or_missing_words(legal.hosting)),),
            ),
        ),
    )
