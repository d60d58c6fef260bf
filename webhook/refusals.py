"""What goes wrong, as a page that says what to do: never a stack trace, never a bare 500."""

from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from core import errors
from core.bootstrap import House
from core.errors import Kind, Refusal
from core.i18n import say
from core.ports import Unready
from core.text import Language
from webhook.drawing import draw_refusal
from webhook.surroundings import surroundings

STATUS = {
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.GONE: HTTPStatus.GONE,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.UNREADABLE: HTTPStatus.BAD_REQUEST,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
BY_STATUS: dict[int | None, type[Refusal]] = {
    HTTPStatus.NOT_FOUND: errors.PageNotFound,
    HTTPStatus.METHOD_NOT_ALLOWED: errors.PageNotFound,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: errors.TooLarge,
}
RETRY_SECONDS = 60
log = structlog.get_logger()


def refuse(house: House, refusal: Refusal, status: int | None = None) -> Response:
    """The page of a refusal."""
    house.measures.refused(refusal.id)
    response = current_app.make_response(draw_refusal(refusal, surroundings(house, g.visit)))
    response.status_code = status or STATUS[refusal.kind]
    if refusal.kind in {Kind.TOO_MANY, Kind.UNAVAILABLE}:
        response.headers["Retry-After"] = str(_seconds_until(house, refusal))
    if "token" in (request.view_args or {}):
        response.headers["Referrer-Policy"] = "no-referrer"  # the address of this page may hold a link that works
    return response


def _seconds_until(house: House, refusal: Refusal) -> int:
    if refusal.until is None:
        return RETRY_SECONDS
    return max(1, round((refusal.until - house.clock.now()).total_seconds()))


def _plainly(house: House) -> Response:
    sentences = (errors.Unavailable.title, *errors.Unavailable.remedy)
    facts = {"desk_phone": house.election.desk_phone, "desk_hours": house.election.desk_hours}
    said = "\n".join(say(sentence.fill(facts), Language.FRENCH) for sentence in sentences)
    return Response(
        said, STATUS[Kind.UNAVAILABLE], {"Retry-After": str(RETRY_SECONDS)}, content_type="text/plain; charset=utf-8"
    )


def handle(app: Flask, house: House) -> None:
    """Every way a request can fail ends on such a page."""

    def refused(refusal: Refusal) -> Response:
        return refuse(house, refusal)

    def unready(error: Unready) -> Response:
        log.error("store-unready", reason=str(error), route=str(request.url_rule))
        return refuse(house, errors.Unavailable())

    def http(error: HTTPException) -> Response:
        refusal = BY_STATUS.get(error.code, errors.Unreadable)()
        response = refuse(house, refusal, status=error.code)
        response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
        return response

    def defect(error: Exception) -> Response:
        log.error("defect", exc_info=error, route=str(request.url_rule))
        try:
            return refuse(house, errors.Unavailable())
        except Exception:  # the page itself cannot be drawn: a plain sentence is still better than nothing
            log.exception("defect-in-refusal")
            return _plainly(house)

    app.register_error_handler(Refusal, refused)
    app.register_error_handler(Unready, unready)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, defect)
