"""Collects what surrounds the step or the refusal on the page of a request."""

from urllib.parse import quote

from flask import request

from core.app.services import Services
from core.flows.flow_handler import Visit
from core.flows.phase_notice import phase_notice
from core.forms.model import Step
from webhook.serve_help import HelpPagePaths, help_exists
from webhook.step_rendering import PageContext


def page_context(
    services: Services, visit: Visit, *, posts_to: str = "", step: Step | None = None, typed: str | None = None
) -> PageContext:
    """The context of the page to draw, with a step or without; `typed` is the address that the reader has typed."""
    flow = None if step is None else services.dispatcher.flow_slug(step)
    handler = None if flow is None else services.dispatcher.handler_of(flow)
    voter = services.signed_in_voter(visit)
    return PageContext(
        language=visit.language,
        election=services.election,
        # The page of a damaged link must not repeat it: what is wrong with it may be one character too many.
        # Quoted, because browsers read "/\\name" as the address of another site.
        here="/" if "token" in (request.view_args or {}) else quote(request.path),
        home="/",
        posts_to=posts_to,
        signed_in=voter is not None,
        phase_notice=phase_notice(services.calendar, services.clock.now()),
        incidents=services.incidents.of_reader(
            typed=typed, voter=voter, waits_for_sms=handler is not None and handler.flow.sends_sms
        ),
        help=HelpPagePaths(language=visit.language, flow=flow)
        if help_exists(services.settings.guides_folder)
        else None,
    )
