"""Shows a page for each refusal and each error."""

import logging
from contextlib import suppress
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from core.app.services import Services
from core.flows.repeated_forms import FORM_KEY
from core.forms import errors
from core.forms.errors import Refusal, RefusalKind
from core.ports import CommitOutcomeUnknown, StoreUnavailable
from core.text.text import Language
from core.text.translation import translate
from webhook.page_context import page_context
from webhook.step_rendering import draw_refusal

STATUS = {
    RefusalKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    RefusalKind.GONE: HTTPStatus.GONE,
    RefusalKind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    RefusalKind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    RefusalKind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    RefusalKind.UNREADABLE: HTTPStatus.BAD_REQUEST,
    RefusalKind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
BY_STATUS: dict[int | None, type[Refusal]] = {
    HTTPStatus.NOT_FOUND: errors.PageNotFound,
    HTTPStatus.METHOD_NOT_ALLOWED: errors.PageNotFound,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: errors.RequestTooLarge,
}
READ_METHODS = frozenset({"GET", "HEAD"})
RETRY_SECONDS = 60
log = logging.getLogger("retrouve")


def draw_refusal_page(services: Services, refusal: Refusal, status: int | None = None) -> Response:
    services.measures.count_refusal(refusal.id)
    step = g.get("step")
    with suppress(errors.PageNotFound):
        step = services.dispatcher.find_step(request.path)
    key = request.form.get(FORM_KEY, "") if refusal.looks_again and request.method == "POST" else ""
    response = current_app.make_response(draw_refusal(refusal, page_context(services, g.visit), key, step))
    response.status_code = status or STATUS[refusal.kind]
    if refusal.kind in {RefusalKind.TOO_MANY, RefusalKind.UNAVAILABLE}:
        seconds = (
            RETRY_SECONDS
            if refusal.until is None
            else (refusal.until - services.dependencies.clock.now()).total_seconds()
        )
        response.headers["Retry-After"] = str(max(1, round(seconds)))
    if "token" in (request.view_args or {}):
        response.headers["Referrer-Policy"] = "no-referrer"  # the URL may contain a link that still works
    return response


def register_error_pages(app: Flask, services: Services) -> None:

    def refused(refusal: Refusal) -> Response:
        return draw_refusal_page(services, refusal)

    def unready(error: StoreUnavailable) -> Response:
        log.error("store-unready", extra={"reason": str(error), "cause": error, "route": str(request.url_rule)})
        if isinstance(error, CommitOutcomeUnknown):
            return draw_refusal_page(services, errors.OutcomeNotKnownYet())
        # A GET may follow an action that succeeded, so its page must not say that nothing was changed.
        return draw_refusal_page(
            services, errors.PageUnavailable() if request.method in READ_METHODS else errors.ServiceUnavailable()
        )

    def http(error: HTTPException) -> Response:
        refusal = BY_STATUS.get(error.code, errors.RequestUnreadable)()
        response = draw_refusal_page(services, refusal, status=error.code)
        response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
        return response

    def defect(error: Exception) -> Response:
        log.error("defect", exc_info=error, extra={"route": str(request.url_rule)})
        try:
            return draw_refusal_page(services, errors.ServiceUnavailable())
        except Exception:  # if the error page cannot be drawn either, answer with plain text
            log.exception("defect-in-refusal")
            sentences = (errors.ServiceUnavailable.title, *errors.ServiceUnavailable.remedy)
            facts = {
                "desk_phone": services.dependencies.election.desk_phone,
                "desk_hours": services.dependencies.election.desk_hours,
            }
            text = "\n".join(translate(sentence.fill(facts), Language.FRENCH) for sentence in sentences)
            headers = {"Retry-After": str(RETRY_SECONDS)}
            return Response(text, HTTPStatus.SERVICE_UNAVAILABLE, headers, content_type="text/plain; charset=utf-8")

    app.register_error_handler(Refusal, refused)
    app.register_error_handler(StoreUnavailable, unready)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, defect)
