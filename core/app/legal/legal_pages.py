"""The legal pages of one election, in the order of the foot of every page."""

from core.app.legal.accessibility_declaration import accessibility_declaration
from core.app.legal.privacy_notice import privacy_notice
from core.app.legal.text_page import TextPage, TextPart, setting_or_missing_words
from core.app.settings import Settings
from core.policy.policy_and_calendar import Calendar, Policy
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


def legal_pages(settings: Settings, policy: Policy, calendar: Calendar) -> tuple[TextPage, ...]:
    """Return the pages."""
    return (
        accessibility_declaration(settings),
        privacy_notice(settings, policy, calendar),
        legal_notice(settings),
    )
