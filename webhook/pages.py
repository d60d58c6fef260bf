"""The pages: GET shows, POST acts. Each view parses, calls one use case, draws."""

from http import HTTPStatus

from flask import Blueprint, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.routing import PathConverter

from core.bootstrap import House
from core.places import LINK_PATH, STOP_PATH
from core.service.visit import Visit
from core.steps import Problems, Shown, Step
from webhook.drawing import draw_step
from webhook.surroundings import surroundings

pages = Blueprint("pages", __name__)


class Whole(PathConverter):
    """All that follows, line breaks too: a link that a mail program has wrapped is told as a damaged one (CASE 15)."""

    regex = r"[\s\S]+"


def house() -> House:
    """The house this application serves."""
    opened: House = current_app.extensions["retrouve"]
    return opened


def address_of(step: Step) -> str:
    """A step's place on the site; the first one is the site itself."""
    reception = house().reception
    return "/" if step is reception.first else f"/{reception.flow_slug(step)}/{step.slug}"


@pages.get("/")
def first() -> ResponseReturnValue:
    """The first step."""
    return _shown(house().reception.first)


@pages.post("/")
def answer_first() -> ResponseReturnValue:
    """The first step's answer."""
    return _answered(house().reception.first)


@pages.get("/<flow>/<slug>")
def show(flow: str, slug: str) -> ResponseReturnValue:
    """Any other step."""
    return _shown(house().reception.find(flow, slug))


@pages.post("/<flow>/<slug>")
def answer(flow: str, slug: str) -> ResponseReturnValue:
    """Its answer."""
    return _answered(house().reception.find(flow, slug))


@pages.get(f"{LINK_PATH}<whole:token>")
def link(token: str) -> ResponseReturnValue:
    """A recovery link: the token goes from the address into a sealed cookie. HEAD and GET move nothing (rule 3)."""
    if request.method == "GET":
        house().links.open(token)
    return _taken_along(house().link_step, g.visit.with_(link=token))


@pages.get(f"{STOP_PATH}<whole:token>")
def stop(token: str) -> ResponseReturnValue:
    """A notice's "ce n'était pas moi": shows, does nothing yet."""
    return _taken_along(house().stop_step, g.visit.with_(stop=token))


@pages.get("/.well-known/change-password")
def change_password() -> ResponseReturnValue:
    """Where password managers send their owner (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect("/", HTTPStatus.FOUND)


def _shown(step: Step) -> ResponseReturnValue:
    shown = house().reception.show(step, g.visit)
    if shown.step is not step or request.path != address_of(step):
        return _to(shown.step)
    return _drawn(shown)


def _answered(step: Step) -> ResponseReturnValue:
    form, visit, reception = request.form, g.visit, house().reception
    try:
        turn = reception.answer(step, form.get("choice", ""), typed(form), visit)
    except Problems as problems:
        shown = reception.show(step, visit)
        return _drawn(shown, problems), HTTPStatus.UNPROCESSABLE_ENTITY
    return _taken_along(turn.step, turn.visit)


def _taken_along(step: Step, visit: Visit) -> Response:
    response = _to(step)
    g.cookies.keep(response, g.visit, visit)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _to(step: Step) -> Response:
    """Sends the browser to that step's page. Without a page of its own: no browser shows it, and Flask's takes long to write."""
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": address_of(step)})


def _drawn(shown: Shown, problems: Problems | None = None) -> str:
    return draw_step(
        shown,
        surroundings(house(), g.visit, action=address_of(shown.step), step=shown.step),
        form={} if problems is None else typed(request.form),
        problems={} if problems is None else problems.by_field,
        tries=None if problems is None else problems.tries,
    )


def typed(form: MultiDict[str, str]) -> dict[str, str]:
    """What was typed, a value a name. Two values for one name read as two lines, which every parser refuses."""
    return {name: "\n".join(values) for name, values in form.lists()}
