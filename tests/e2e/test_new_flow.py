"""A new flow needs only its folder (`tests/support/recipe`) and one line in the registry.

The flow is stored, mailed, shown and printed. No view, template, route, table or setting has to change.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext
from pptx import Presentation
from pypdf import PdfReader
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from cli.init import make_election_folder
from cli.picture_site import picture_site
from core.app.courier_assembly import courier_of
from core.app.election_folder import mail_composer_of, open_services
from core.app.services import Services
from core.app.settings.values import PARIS
from core.delivery.senders import CallersThread
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.registry import FLOWS
from core.forms.flow_model import Action, AskStep, AwaitMessageStep, ChooseStep, FieldKind, FinalStep, Step, input_names
from core.ports import Event
from core.text.faces import page_frame_texts as words
from core.text.text import N_, Language
from core.text.translation import translate
from guides.deck import build_deck
from guides.handout_pdf import render_pdf
from guides.help_site_builder import HelpSiteBuildInputs, build_site
from guides.help_source import HelpSource, help_source_of
from guides.picture_manifest import MANIFEST, ScreenWidth, Theme, picture_requests
from guides.pictures.chromium import chromium_version
from guides.pictures.picture_folder import PictureFolder
from guides.pictures.taking import take_pictures
from guides.step_element_numbers import numbered_elements_of_step
from tests.e2e.visitor import PageVisitor, new_page
from tests.support.air import Air
from tests.support.election import CAMILLE, add_voters, entry
from tests.support.guides import handouts_in
from tests.support.post import Post
from tests.support.recipe import definition
from tests.support.recipe.definition import (
    MISREAD,
    OPENED,
    ORDER,
    ORDERED,
    OVEN,
    POSTED,
    RECIPE,
    SERVED,
    TABLE,
    TASTE,
    Baked,
    NoSuchDay,
    NotReadable,
    Recipe,
    Sweet,
)
from tests.support.recipe.plugin import LINK_PATH, RecipeFlowPlugin
from tests.support.recipe.states import Served
from webhook.site_application import create_site

DAY = timedelta(days=1)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Return the services of a new election that has the new flow and one voter."""
    make_election_folder(tmp_path / "election")
    monkeypatch.setenv("RETROUVE_ELECTION__SITE", "http://127.0.0.1")
    now = datetime.now(PARIS)
    for name, moment in (("RECOVERY_OPENS", now - DAY), ("VOTE_OPENS", now), ("VOTE_CLOSES", now + DAY)):
        monkeypatch.setenv(f"RETROUVE_ELECTION__{name}", f"{moment:%Y-%m-%dT%H:%M:%S}")
    made = open_services(tmp_path / "election", flow_plugin_types=(*FLOWS, RecipeFlowPlugin))
    add_voters(made.dependencies.store, entry())
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    """Return a test client of the real application."""
    return create_site(services).test_client()


def place(step: Step) -> str:
    """Return the address of a step on the site."""
    return f"/{RECIPE.slug}/{step.slug}"


def examples(action: Action[object]) -> dict[str, str]:
    """Return the example values for the fields of an action."""
    return {name: text for each in action.fields for name, text in each.example.items()}


def send(client: FlaskClient, step: Step, action: Action[object], **other: str) -> TestResponse:
    """Press a button after typing the examples or other values."""
    return client.post(place(step), data={**examples(action), "choice": action.name, **other})


def code_on(page: TestResponse) -> str:
    """Return the code of the step that a page shows."""
    found = re.search(r'<meta name="step" content="([^"]*)">', page.get_data(as_text=True))
    assert found is not None, page.status
    return found[1]


def mailed_link(services: Services) -> str:
    """Return the path of the link in the invitation that the courier has just mailed."""
    post = Post()
    courier_of(services, post, Air(), mail_composer_of(services), CallersThread).run_once()
    body = post.to(CAMILLE)[-1].part("plain")
    found = re.search(rf"{re.escape(services.dependencies.election.site)}({LINK_PATH}\S+)", body)
    assert found is not None, body
    return found[1]


def invited(client: FlaskClient, services: Services) -> None:
    """Order a recipe, and follow the link in the mail."""
    send(client, ORDER, ORDER.actions[0])
    assert client.get(mailed_link(services)).location == place(TASTE)


def events(services: Services) -> list[Event]:
    """Return the journal events of the new flow."""
    with services.dependencies.store.read() as transaction:
        counts = transaction.journal.count_events(after=0, recent=services.dependencies.clock.now())
        cases = list(transaction.recoveries.all_of_flow(RECIPE.slug))
        assert counts.line
        return [event for case in cases for event in transaction.journal.of_case(case.number)]


def test_the_definition_is_sound() -> None:
    """Every example passes its parser, every answer has the fields of its action, and all kinds of fields are used."""
    kinds = set()
    for action in (action for step in RECIPE.steps for action in step.actions):
        assert [each.name for each in fields(action.answers)] == [each.name for each in action.fields]
        action.read(examples(action))
        for each in action.fields:
            assert list(each.example) == list(input_names(each))
            kinds.add(each.kind)
    assert kinds == set(FieldKind) - {FieldKind.CHECK, FieldKind.CHOICE, FieldKind.CASE_NUMBER}
    assert {type(step) for step in RECIPE.steps} == {AskStep, ChooseStep, AwaitMessageStep, FinalStep}


def test_it_is_walked_without_a_browser(client: FlaskClient, services: Services) -> None:
    """Each answer leads to the next step, and the link in the mail to the step after it. States and events are stored."""
    assert code_on(client.get(place(ORDER))) == ORDER.code
    assert send(client, ORDER, ORDER.actions[0]).location == place(POSTED)
    assert code_on(client.get(place(POSTED))) == POSTED.code
    assert client.get(mailed_link(services)).location == place(TASTE)
    for step, after in ((TASTE, OVEN), (OVEN, TABLE), (TABLE, ORDER)):
        assert code_on(client.get(place(step))) == step.code
        answer = send(client, step, step.actions[0])
        assert (answer.status_code, answer.location) == (303, place(after))

    with services.dependencies.store.read() as transaction:
        (case,) = transaction.recoveries.all_of_flow(RECIPE.slug)
    assert case.state == Served(dish=definition.DISH)
    acts = [event.act for event in events(services)]
    assert [act for act in acts if act.startswith("recette")] == [ORDERED, OPENED, SERVED]
    assert "mail-accepted" in acts


def test_a_step_that_is_not_open_leads_to_the_one_that_is(client: FlaskClient, services: Services) -> None:
    """A step that is not open redirects to the current step, on GET and POST, and changes nothing."""
    for step in (TASTE, OVEN, TABLE):
        assert client.get(place(step)).location == place(ORDER)
        assert send(client, step, step.actions[0]).location == place(ORDER)
    invited(client, services)
    for step in (OVEN, TABLE):
        assert client.get(place(step)).location == place(TASTE)
        assert send(client, step, step.actions[0]).location == place(TASTE)


def test_errors_are_listed_and_other_values_kept(client: FlaskClient, services: Services) -> None:
    """Errors have status 422 and are listed in page order. Other values are kept, and the handler records errors."""
    page = send(client, ORDER, ORDER.actions[0], **{"birth_date-month": "2", "numen": "<b>", "phone": "12"})
    body = page.get_data(as_text=True)
    assert (page.status_code, code_on(page)) == (422, ORDER.code)
    assert re.findall(r'<li><a href="#([^"]+)">', body) == ["birth_date-day", "numen", "phone"]
    assert f'value="{definition.ADDRESS}"' in body
    assert 'value="&lt;b&gt;"' in body
    with services.dependencies.store.read() as transaction:
        counts = transaction.journal.count_events(after=0, recent=services.dependencies.clock.now())
        assert {**counts.settled, **counts.fresh} == {(MISREAD, None): 3}
        assert not list(transaction.recoveries.all_of_flow(RECIPE.slug))


def test_what_the_handler_refuses_is_listed_too(client: FlaskClient, services: Services) -> None:
    """An error of the handler is listed like an error of a parser."""
    invited(client, services)
    send(client, TASTE, TASTE.actions[1])
    page = send(client, OVEN, OVEN.actions[0], code="000000")
    assert (page.status_code, code_on(page)) == (422, OVEN.code)
    assert "il reste 2 essais" in page.get_data(as_text=True)


def test_the_other_flows_stay_as_they_are(client: FlaskClient, services: Services) -> None:
    """The front page is still that of the forgotten password, and a case of one flow does not open another flow."""
    steps = services.flows[PasswordFlowPlugin].steps
    assert code_on(client.get("/")) == steps.identify.code
    send(client, ORDER, ORDER.actions[0])
    assert client.get(f"/{steps.flow.slug}/{steps.message_asked.slug}").location == "/"


# ── In the help ──────────────────────────────────────────────────────────────────────────────────────────


def test_it_has_its_page_in_the_help(services: Services, tmp_path: Path) -> None:
    """The help has a page about the flow with its steps, fields and numbers, and the search finds it."""
    build_site(HelpSiteBuildInputs(help_source_of(services)), tmp_path / "site")
    page = unescape((tmp_path / "site" / f"{RECIPE.slug}.html").read_text("utf-8")).replace("\u00a0", " ")
    read = re.sub(r"</?span[^>]*>", "", page)  # addresses are kept on one line
    for step in RECIPE.steps:
        assert f'id="{step.code.lower()}"' in page
        assert page.count(f'<b class="mark">{len(numbered_elements_of_step(step))}</b>') >= (
            1 if numbered_elements_of_step(step) else 0
        )
        for action in step.actions:
            assert translate(action.label, Language.FRENCH) in page
            for each in action.fields:
                assert f'id="{step.code.lower()}-{each.name}"' in page
                assert translate(each.hint, Language.FRENCH) in read
    assert f"{definition.DISH} est servi." in page
    assert f'href="{RECIPE.slug}.html#re-1"' in (tmp_path / "site" / "index.html").read_text("utf-8")
    assert f"{RECIPE.slug}.html#re-6" in (tmp_path / "site" / "search-en.js").read_text("utf-8")


def test_it_is_printed_and_shown_on_slides(services: Services, tmp_path: Path) -> None:
    """The printed guide and the slides contain each step with its code."""
    handouts = handouts_in(tmp_path / "pictures", replace(help_source_of(services), flows=(RECIPE,)))
    handout = next(each for each in handouts if each.language is Language.FRENCH)

    print_out = "".join(page.extract_text() for page in PdfReader(BytesIO(render_pdf(handout))).pages)
    slides = Presentation(BytesIO(build_deck(handout))).slides
    shown = " ".join(shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame)

    for step in RECIPE.steps:
        assert step.code in print_out
        assert step.code in shown


# ── In Chromium ──────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def served(services: Services) -> Iterator[str]:
    """Run the application on a free port."""
    server = make_server("127.0.0.1", 0, create_site(services), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_it_is_walked_in_chromium(services: Services, context: BrowserContext) -> None:
    """A visitor goes through the flow in Chromium with its examples and labels, and an error keeps the other values."""
    with served(services) as site:
        visitor = PageVisitor(None, new_page(context), None, Language.FRENCH)  # type: ignore[arg-type]  # no demo, no mailbox
        visitor.goes(site + place(ORDER))
        mistake = {**examples(ORDER.actions[0]), "birth_date-month": "2"}
        visitor.does(ORDER, Recipe, mistake)
        visitor.sees(ORDER)
        assert visitor.page.evaluate("document.activeElement.hasAttribute('data-summary')")
        assert visitor.page.locator("#numen").input_value() == mistake["numen"]
        visitor.types({"birth_date-month": "12"})
        visitor.presses(ORDER.actions[0])
        visitor.sees(POSTED)
        visitor.goes(site + mailed_link(services))
        visitor.does(TASTE, Sweet, examples(TASTE.actions[0]))
        visitor.does(OVEN, Baked, examples(OVEN.actions[0]))
        visitor.sees(TABLE)
        assert visitor.text("main").count(f"{definition.DISH} est servi.") == 1
        assert visitor.reads(words.CASE_FOR_DESK)
        visitor.page.goto("about:blank")


def test_it_gets_its_pictures(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The help gets pictures of the flow. After a change of one label, only the pictures of its step are new."""

    def alone() -> HelpSource:
        whole = help_source_of(services)
        return replace(whole, flows=(whole.flows[-1],))

    pictures = tmp_path / "pictures"

    def taken(book: HelpSource) -> int:
        with picture_site(services, Language.FRENCH) as harness:
            return take_pictures(harness, book, PictureFolder(pictures, chromium_version()), [Theme.LIGHT]).taken

    def taken_apart(book: HelpSource) -> int:
        return other_thread.submit(taken, book).result()

    with ThreadPoolExecutor(1) as other_thread:  # the tests' own Playwright runs in this one
        first, before = taken_apart(alone()), _bytes(pictures)
        renamed = replace(TABLE, actions=(replace(TABLE.actions[0], label=N_("Une autre recette")),))
        changed = replace(RECIPE, steps=(*RECIPE.steps[:-1], renamed), reached={})
        monkeypatch.setattr("tests.support.recipe.handler.TABLE", renamed)
        monkeypatch.setattr("tests.support.recipe.plugin.RECIPE", changed)
        again = taken_apart(replace(alone(), flows=(changed,)))

    shots = picture_requests([RECIPE])
    wanted = {shot.name for shot in shots if (shot.language, shot.theme) == (Language.FRENCH, Theme.LIGHT)}
    assert before.keys() == wanted | {MANIFEST}
    changed_names = {name for name, content in _bytes(pictures).items() if content != before.get(name)}
    assert (first, again) == (len(wanted), len(ScreenWidth))
    assert len(changed_names - {MANIFEST}) == len(ScreenWidth)
    assert NotReadable.id not in wanted
    assert any(NoSuchDay.id in name for name in wanted)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
