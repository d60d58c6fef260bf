from core.app.legal.accessibility import accessibility_declaration
from core.app.legal.pages import NOT_GIVEN, TextPage, TextPart
from core.app.legal.privacy import privacy_notice
from core.app.settings import Settings
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.text.text import N_
from core.text.urls import LEGAL_NOTICE_PATH


def legal_notice(settings: Settings) -> TextPage:
    legal = settings.legal
    return TextPage(
        path=LEGAL_NOTICE_PATH,
        title=N_("Mentions légales"),
        link=N_("Mentions légales"),
        sections=(
            TextPart(
                N_("Éditeur"),
                N_(
                    "{publisher}, {address}.",
                    publisher=legal.publisher or NOT_GIVEN,
                    address=legal.publisher_address or NOT_GIVEN,
                ),
                N_("Responsable de la publication : {director}.", director=legal.director or NOT_GIVEN),
                N_("Contact : {mail_address}, {desk_phone}, {desk_hours}.", mail_address=settings.desk.email),
            ),
            TextPart(N_("Hébergeur"), N_("{hosting}.", hosting=legal.hosting or NOT_GIVEN)),
        ),
    )


def legal_pages(settings: Settings, policy: Policy, calendar: Calendar) -> tuple[TextPage, ...]:
    return accessibility_declaration(settings), privacy_notice(settings, policy, calendar), legal_notice(settings)
