"""The legal pages of one election, in the order of the foot of every page."""

from core.app.legal.accessibility_declaration import accessibility_declaration
from core.app.legal.legal_notice import legal_notice
from core.app.legal.privacy_notice import privacy_notice
from core.app.legal.text_page import TextPage
from core.app.settings import Settings
from core.policy.policy_and_calendar import Calendar, Policy


def legal_pages(settings: Settings, policy: Policy, calendar: Calendar) -> tuple[TextPage, ...]:
    """Return the pages."""
    return (
        accessibility_declaration(settings),
        privacy_notice(settings, policy, calendar),
        legal_notice(settings),
    )
