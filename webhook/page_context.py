"""Collects what surrounds the step or the refusal on the page of a request."""

from functools import lru_cache
from urllib.parse import quote

from flask import request

from core.app.services import Services
from core.flows.flow_handler import BrowserTokens
from core.flows.phase_notice import phase_notice
from core.forms.flow_model import Step
from webhook.page_frame_rendering import PageContext, SignOutButton
from webhook.sentence_markup import sentence_without_values
from webhook.serve_help import HelpInOneLanguage, help_exists


def page_context(
    services: Services, visit: BrowserTokens, *, posts_to: str = "", step: Step | None = None, typed: str | None = None
) -> PageContext:
    """The context of the page to draw, with a step or without; `typed` is the address that the reader has typed."""
    dispatcher, asked = services.dispatcher, request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # as in webhook.site_application
    flow = None if step is None else dispatcher.flow_of(step)
    voter, sign_out = services.signed_in_voter(visit), services.flows.sign_out_action
    offers_sign_out = voter is not None and sign_out is not None and sign_out.step is not step
    return PageContext(
        language=visit.language,
        election=services.election,
        # The page of a damaged link must not repeat it: what is wrong with it may be one character too many.
        # Quoted, because browsers read "/\\name" as the address of another site.
        here="/" if "token" in (asked.view_args or {}) else _quoted(asked.path),
        home="/",
        posts_to=posts_to,
        signed_in=voter is not None,
        sign_out=SignOutButton(
            posts_to=f"/{dispatcher.flow_of(sign_out.step).slug}/{sign_out.step.slug}",
            name=sign_out.action.name,
            label=sentence_without_values(sign_out.action.label, visit.language),
        )
        if offers_sign_out and sign_out is not None
        else None,
        position=None if step is None else dispatcher.position_of(step),
        phase_notice=phase_notice(services.calendar, services.clock.now()),
        incidents=services.known_incidents_cache.incidents_of_reader(typed=typed, voter=voter, flow=flow),
        legal=services.legal_pages,
        start=services.start_page_below_form if step is dispatcher.first_step else None,
        help=HelpInOneLanguage(language=visit.language, flow=None if flow is None else flow.slug)
        if help_exists(services.settings.guides_folder)
        else None,
    )


@lru_cache(maxsize=256)
def _quoted(path: str) -> str:
    return quote(path)
