"""What every page of one request shares."""

from flask import request

from core.bootstrap import House
from core.journey import phase_notice
from core.service.visit import Visit
from webhook.drawing import Surroundings


def surroundings(house: House, visit: Visit, *, action: str = "") -> Surroundings:
    """For the page being drawn."""
    return Surroundings(
        language=visit.language,
        election=house.election,
        # The page of a damaged link must not repeat it: what is wrong with it may be one character too many.
        here="/" if "token" in (request.view_args or {}) else request.path,
        home="/",
        action=action,
        signed_in=house.signed_in(visit),
        phase_notice=phase_notice(house.calendar, house.clock.now()),
    )
