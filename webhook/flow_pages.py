"""The pages of the recovery flows."""

from contextlib import nullcontext
from functools import partial
from http import HTTPStatus

from flask import Blueprint, Flask, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import PathConverter
from werkzeug.wrappers import Response

from core.app.services import Services
from core.flows.dependencies import following_done_act
from core.flows.flow_handler import Visit
from core.flows.flow_plugin import MessageLinkRoute
from core.flows.repeated_forms import FORM_KEY
from core.forms import errors
from core.forms.flow_model import Form, FormErrors, ShownStep, Step
from core.ports import RandomSource
from core.security.tokens import HANDLE, new_case_handle
from webhook.page_context import page_context
from webhook.request_origin import is_after_form_without_cookies
from webhook.step_rendering import NOTHING_TYPED, draw_step

pages = Blueprint("pages", __name__)
LINK_NOT_KNOWN = (errors.LinkUnknown, errors.StopLinkUnknown, errors.ConfirmationUnknown)


class MultilinePathConverter(PathConverter):
    """Matches the rest of a path, including line breaks in links copied from emails."""

    part_isolating = False  # the regex matches slashes
    regex = r"[\s\S]*"


@pages.get("/")
@pages.get("/<flow>/<slug>")
def show(**_place: str) -> ResponseReturnValue:
    """Show a step, or redirect visitors to the step that they may open now."""
    dispatcher, visit = g.services.dispatcher, g.visit
    step = dispatcher.find_step(request.path)
    try:
        shown = dispatcher.show(step, visit)
    except LINK_NOT_KNOWN:
        if "Cookie" in request.headers:
            raise
        raise errors.CookiesMissing from None  # a cookie would have kept the link
    if shown.step is not step or request.path != dispatcher.place_of(step).path:
        if is_after_form_without_cookies(request):
            raise errors.CookiesMissing
        return redirect(dispatcher.place_of(shown.step).path, HTTPStatus.SEE_OTHER)
    return _drawn(shown, visit)


@pages.post("/")
@pages.post("/<flow>/<slug>")
def answer(**_place: str) -> ResponseReturnValue:
    dispatcher, visit = g.services.dispatcher, g.visit
    # A field sent twice becomes a value with two lines, which every parser rejects.
    form = {name: "\n".join(values) for name, values in request.form.lists()}
    step = dispatcher.find_step(request.path)
    try:
        result = dispatcher.answer(step, form.get("choice", ""), form, visit)
    except FormErrors as problems:
        with nullcontext() if problems.tries is None else following_done_act():  # a wrong try was counted
            shown = dispatcher.show(step, visit)
        return _drawn(shown, visit, form, problems), HTTPStatus.UNPROCESSABLE_ENTITY
    if result.typed:
        return _drawn(dispatcher.show(result.step, result.visit), visit, result.typed)
    return _redirect_keeping(result.step, visit, result.visit)


@pages.get("/.well-known/change-password")
def redirect_to_first_step() -> ResponseReturnValue:
    """Redirect password managers from the W3C's change-password URL to the first step."""
    return redirect("/", HTTPStatus.FOUND)


def route_links(app: Flask, services: Services) -> None:
    for flow in services.flows:
        for route in flow.message_link_routes:
            app.add_url_rule(f"{route.path}<whole:token>", route.path, partial(_follow, route))


def _follow(route: MessageLinkRoute, token: str) -> ResponseReturnValue:
    """Move an emailed token into a cookie. Change nothing else, because email scanners open links."""
    g.step = route.step  # for the page of a refusal
    g.services.dispatcher.require_open(route.step)
    if request.method == "GET":
        route.observe(token)
    visit: Visit = g.visit
    return _redirect_keeping(route.step, visit, route.keep(visit, token))


def _redirect_keeping(step: Step, before: Visit, after: Visit) -> Response:
    response = redirect(g.services.dispatcher.place_of(step).path, HTTPStatus.SEE_OTHER)
    response.headers["Referrer-Policy"] = "no-referrer"
    g.cookies.set_cookies(response, before, after)
    return response


def _drawn(shown: ShownStep, visit: Visit, form: Form = NOTHING_TYPED, problems: FormErrors | None = None) -> str:
    services: Services = g.services
    address = shown.facts.get("address")
    typed = address if isinstance(address, str) else None
    return draw_step(
        shown,
        page_context(
            services, visit, posts_to=services.dispatcher.place_of(shown.step).path, step=shown.step, typed=typed
        ),
        key=_form_key(services.dependencies.entropy),
        form=form,
        problems={} if problems is None else problems.by_field,
        tries=None if problems is None else problems.tries,
    )


def _form_key(entropy: RandomSource) -> str:
    """Return a key for a form. The server uses the key to detect a form that is sent twice."""
    key = request.args.get(FORM_KEY, "") if request.method == "GET" else ""
    return key if HANDLE.fullmatch(key) else new_case_handle(entropy)
