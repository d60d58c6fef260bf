"""What every page of one request shares."""

from flask import request

from core.bootstrap import House
from core.journey import phase_notice
from core.service.visit import Visit
from core.steps import Step
from webhook.drawing import Surroundings
from webhook.help import Help, stands


def surroundings(house: House, visit: Visit, *, action: str = "", step: Step | None = None) -> Surroundings:
    """For the page being drawn: of a step, or of a refusal."""
    flow = None if step is None else house.reception.flow_slug(step)
    return Surroundings(
        language=visit.language,
        election=house.election,
        # The page of a damaged link must not repeat it: what is wrong with it may be one character too many.
        here="/" if "token" in (request.view_args or {}) else request.path,
        home="/",
        action=action,
        signed_in=house.signed_in(visit),
        phase_notice=phase_notice(house.calendar, house.clock.now()),
        help=Help(language=visit.language, flow=flow) if stands(house.settings.guides_folder) else None,
    )
