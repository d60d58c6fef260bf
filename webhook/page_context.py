"""Collects the data that every page needs."""

from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from flask import request
from markupsafe import Markup

from core.app.legal.pages import TextPage
from core.app.services import Services
from core.app.settings.sections import InstitutionSection
from core.flows.flow_handler import Visit
from core.flows.incident_catalogue import IncidentInLocalTime
from core.flows.phase_notice import closed_desk_notices, desk_status, phase_notice
from core.flows.start_page import StartPageBelowForm
from core.forms.flow_model import Step
from core.forms.step_position import StepPosition
from core.ports import StoreUnavailable, Voter
from core.text.contact import ElectionContact
from core.text.text import Language, Text
from webhook.sentence_markup import html_of_fixed_sentence
from webhook.serve_help import HelpInOneLanguage, help_exists


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutButton:
    """A sign-out button for pages whose own form does not offer signing out."""

    posts_to: str
    name: str
    label: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    language: Language
    election: ElectionContact
    here: str
    home: str
    posts_to: str
    sign_out: SignOutButton | None = None
    phase_notice: Text | None
    """Banner that announces the end of the vote in the last minutes."""
    is_open: bool = True
    """False before the service opens and after the vote."""
    desk_status: Text
    closed_desk_notices: tuple[Text, ...] = ()
    position: StepPosition | None = None
    help: HelpInOneLanguage | None = None
    start: StartPageBelowForm | None = None
    """What the start page shows below its form. None on all other pages."""
    legal: tuple[TextPage, ...] = ()
    incidents: tuple[IncidentInLocalTime, ...] = ()
    institution: InstitutionSection = field(default_factory=InstitutionSection)


def signed_in_voter(services: Services, visit: Visit) -> Voter | None:
    """Return the signed-in voter. Returns None if no voter is signed in or the database is unavailable."""
    with suppress(StoreUnavailable):
        session = services.flows.sign_in_sessions.find_signed_in_voter(visit.session)
        return None if session is None else session.voter
    return None


def page_context(
    services: Services, visit: Visit, *, posts_to: str = "", step: Step | None = None, typed: str | None = None
) -> PageContext:
    """Collect the data of a page. `typed` is the email address typed by the visitor."""
    dispatcher, rules = services.dispatcher, services.dependencies
    now = rules.clock.now()
    flow = None if step is None else dispatcher.place_of(step).flow
    voter, sign_out = signed_in_voter(services, visit), services.flows.sign_out_action
    offers_sign_out = voter is not None and sign_out is not None and sign_out.step is not step
    return PageContext(
        language=visit.language,
        election=rules.election.at(now),
        # A page about a link must not repeat the link: a damaged link may still hold a valid token.
        # The path is quoted because browsers read "/\\name" as the address of another site.
        here="/" if "token" in (request.view_args or {}) else _quoted(request.path),
        home="/",
        posts_to=posts_to,
        sign_out=SignOutButton(
            posts_to=dispatcher.place_of(sign_out.step).path,
            name=sign_out.action.name,
            label=html_of_fixed_sentence(sign_out.action.label, visit.language),
        )
        if offers_sign_out and sign_out is not None
        else None,
        position=None if step is None else dispatcher.place_of(step).position,
        phase_notice=phase_notice(rules.calendar, now),
        is_open=rules.calendar.is_open(now),
        desk_status=desk_status(rules.policy, rules.calendar, now),
        closed_desk_notices=closed_desk_notices(rules.policy, rules.calendar, now),
        incidents=services.known_incidents_cache.incidents_of_reader(typed=typed, voter=voter, flow=flow),
        legal=services.legal_pages,
        institution=services.settings.institution,
        start=services.start_page_below_form if step is dispatcher.first_step else None,
        help=HelpInOneLanguage(language=visit.language, flow=None if flow is None else flow.slug)
        if help_exists(services.settings.guides_folder)
        else None,
    )


@lru_cache(maxsize=256)
def _quoted(path: str) -> str:
    return quote(path)
