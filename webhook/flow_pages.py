"""The pages of the flows. GET shows a step, POST does what its form asks; each view calls the dispatcher and draws."""

from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Flask, Request, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import PathConverter, Rule

from core.app.services import Services
from core.flows.dependencies import following_done_act
from core.flows.dispatcher import FlowDispatcher
from core.flows.flow_handler import Visit
from core.flows.flow_plugin import MessageLinkRoute
from core.flows.repeated_forms import FORM_KEY
from core.forms import errors
from core.forms.flow_model import Form, FormErrors, ShownStep, Step
from core.ports import RandomSource
from core.security.tokens import HANDLE, new_case_handle
from webhook.page_context import page_context
from webhook.request_body_reader import BODY, ENOUGH
from webhook.request_origin import current_request, is_after_form_without_cookies
from webhook.single_chunk_response import SingleChunkResponse
from webhook.step_rendering import NOTHING_TYPED, draw_step

FORM_TYPE = "application/x-www-form-urlencoded"
pages = Blueprint("pages", __name__)


class MultilinePathConverter(PathConverter):
    """The rest of a path, be it empty or with line breaks, so that a link cut or wrapped by a mail program is told to be damaged (CASE 15)."""

    part_isolating = False  # werkzeug's default for an expression without a slash
    regex = r"[\s\S]*"


def services() -> Services:
    """The services of this application."""
    opened: Services = current_app.extensions["retrouve"]
    return opened


def path_of(step: Step, dispatcher: FlowDispatcher) -> str:
    """The path of a step; that of the first one is the root of the site."""
    return "/" if step is dispatcher.first_step else f"/{dispatcher.place_of(step).path}"


def find_step(flow: str | None, slug: str | None, dispatcher: FlowDispatcher) -> Step:
    """The step at that place; without one, the first. Raises PageNotFound."""
    return dispatcher.first_step if flow is None or slug is None else dispatcher.find_step(flow, slug)


@pages.get("/")
@pages.get("/<flow>/<slug>")
def show(flow: str | None = None, slug: str | None = None) -> ResponseReturnValue:
    """Show a step, or go to the one that is open to this visitor."""
    opened = services()
    dispatcher, visit = opened.dispatcher, g.visit
    step = find_step(flow, slug, dispatcher)
    shown = dispatcher.show(step, visit)
    if shown.step is not step or request.path != path_of(step, dispatcher):
        if is_after_form_without_cookies(current_request()):
            raise errors.CookiesMissing
        return _redirect(shown.step, dispatcher)
    return _drawn(opened, shown, visit)


@pages.post("/")
@pages.post("/<flow>/<slug>")
def answer(flow: str | None = None, slug: str | None = None) -> ResponseReturnValue:
    """Do what the form of a step asks, and go to the next step."""
    opened = services()
    dispatcher, visit, form = opened.dispatcher, g.visit, typed_form(current_request())
    step = find_step(flow, slug, dispatcher)
    try:
        result = dispatcher.answer(step, form.get("choice", ""), form, visit)
    except FormErrors as problems:
        with nullcontext() if problems.tries is None else following_done_act():  # a wrong try is counted already
            shown = dispatcher.show(step, visit)
        return _drawn(opened, shown, visit, form, problems), HTTPStatus.UNPROCESSABLE_ENTITY
    if result.typed:
        return _drawn(opened, dispatcher.show(result.step, result.visit), visit, result.typed)
    return _redirect_keeping(result.step, visit, result.visit, dispatcher)


@pages.get("/.well-known/change-password")
def redirect_to_first_step() -> ResponseReturnValue:
    """Redirect password managers to the first step (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect("/", HTTPStatus.FOUND)


def build_step_routes(app: Flask, dispatcher: FlowDispatcher) -> dict[tuple[str, str], tuple[Rule, Mapping[str, Any]]]:
    """Return the rule and the arguments of each step's page and form, by method and path."""
    adapter = app.url_map.bind("")
    paths = {path_of(step, dispatcher) for handler in dispatcher.handlers for step in handler.steps.flow.steps}
    asked = [(method, path) for method in ("GET", "POST") for path in paths]
    return {(method, path): adapter.match(path, method, return_rule=True) for method, path in asked}


def route_links(app: Flask, services: Services) -> None:
    """Route the links in messages to the steps of their flows."""
    for flow in services.flows:
        for route in flow.message_link_routes:
            app.add_url_rule(f"{route.path}<whole:token>", route.path, partial(_follow, route))


def _follow(route: MessageLinkRoute, token: str) -> ResponseReturnValue:
    """Move the token from the address into a sealed cookie. HEAD and GET change nothing (rule 3)."""
    if request.method == "GET":
        route.observe(token)
    visit: Visit = g.visit
    return _redirect_keeping(route.step, visit, route.keep(visit, token), services().dispatcher)


def _redirect_keeping(step: Step, before: Visit, after: Visit, dispatcher: FlowDispatcher) -> Response:
    response = _redirect(step, dispatcher, ("Referrer-Policy", "no-referrer"))
    g.cookies.set_cookies(response, before, after)
    return response


def _redirect(step: Step, dispatcher: FlowDispatcher, *headers: tuple[str, str]) -> Response:
    """Send the browser to that step's page. The body stays empty: no browser shows it, and Flask's takes long to write."""
    return SingleChunkResponse.of_page(b"", HTTPStatus.SEE_OTHER, ("Location", path_of(step, dispatcher)), *headers)


def _drawn(
    opened: Services,
    shown: ShownStep,
    visit: Visit,
    form: Form = NOTHING_TYPED,
    problems: FormErrors | None = None,
) -> Response:
    address = shown.facts.get("address")
    typed = address if isinstance(address, str) else None
    page = draw_step(
        shown,
        page_context(opened, visit, posts_to=path_of(shown.step, opened.dispatcher), step=shown.step, typed=typed),
        key=_form_key(opened.dependencies.entropy),
        form=form,
        problems={} if problems is None else problems.by_field,
        tries=None if problems is None else problems.tries,
    )
    return SingleChunkResponse.of_page(page.encode())


def _form_key(entropy: RandomSource) -> str:
    """A new key for the page, or the one of the form about which its visitor looks what became of it."""
    asked = current_request()
    key = asked.args.get(FORM_KEY, "") if asked.query_string and asked.method == "GET" else ""
    return key if HANDLE.fullmatch(key) else new_case_handle(entropy)


def typed_form(asked: Request) -> dict[str, str]:
    """Return what was typed, by input name. Two values of one name become two lines, which every parser refuses."""
    body = asked.environ.get(BODY)
    if body is None or not _is_plain_form(asked, body):
        return {name: "\n".join(values) for name, values in asked.form.lists()}
    # As werkzeug parses it, but without a second reading of the body, which takes eighty function calls.
    form: dict[str, str] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote"):
        form[name] = f"{form[name]}\n{value}" if name in form else value
    return form


def _is_plain_form(asked: Request, body: bytes) -> bool:
    """Return whether the body came whole and as browsers send forms; of any other one werkzeug knows what to do."""
    told = asked.environ
    whole = len(body) < ENOUGH and told.get("CONTENT_LENGTH") == str(len(body))
    return whole and told.get("CONTENT_TYPE") == FORM_TYPE and body.isascii()
