"""The proof of the idea: a flow that no election has, in this one file, is drawn, read, walked and refused like our own.

Nothing else knows of it: no view, no template, no route, no table.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from html import unescape
from pathlib import Path
from threading import Thread

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from cli.init import make_folder
from cli.rehearsal import rehearsals
from core import bootstrap, words
from core.answers import Address, address_field, calendar_date, clean_numen, new_password_field, parse_password
from core.bootstrap import House
from core.errors import Refusal
from core.flows.password import criteria
from core.i18n import say
from core.policy import Policy
from core.ports import Recovery
from core.service.tools import Tools
from core.service.visit import NoHandler, Turn, Visit
from core.steps import (
    Act,
    Ask,
    Choose,
    Copy,
    Field,
    FieldKind,
    Flow,
    Form,
    Message,
    Problems,
    Rejected,
    Shown,
    Step,
    Tell,
    Trouble,
    Wait,
    answer_names,
    inputs_of,
)
from core.text import N_, NN_, Language, Text
from guides.book import Book, book_of
from guides.marks import marks_of
from guides.pictures.album import take
from guides.shots import MANIFEST, Theme, Width, shots_of
from guides.site import Shelf, build_site
from tests.e2e.visitor import Visitor, new_page
from webhook.app import create_app

# ── The flow ─────────────────────────────────────────────────────────────────────────────────────────────


class NoSuchDay(Rejected):
    """The 31st of February."""

    id = "throwaway-no-such-day"
    sentence = N_("Cette date n'existe pas : saisissez le jour, le mois et l'année.")


class NotReadable(Rejected):
    """Anything else."""

    id = "throwaway-not-readable"
    sentence = N_("Saisissez « {what} » comme dans l'exemple.")


class WrongCode(Rejected):
    """What only the line can know."""

    id = "throwaway-wrong-code"
    sentence = NN_("Ce n'est pas le bon code : il reste {count} essai.", "… : il reste {count} essais.", count=2)


@dataclass(frozen=True, slots=True)
class Recipe:
    """TR-1."""

    email: Address
    birth_date: date
    numen: str
    phone: str


@dataclass(frozen=True, slots=True)
class Sweet:
    """TR-2, with its two fields."""

    password: str
    new_password: str


@dataclass(frozen=True, slots=True)
class Savoury:
    """TR-2, without any."""


@dataclass(frozen=True, slots=True)
class Baked:
    """TR-3."""

    code: str


@dataclass(frozen=True, slots=True)
class OnceMore:
    """TR-4."""


def birth_date(form: Form) -> date:
    """Three inputs, one date."""
    day, month, year = (form.get(f"birth_date-{part}", "") for part in ("day", "month", "year"))
    read = calendar_date(f"{day}/{month}/{year}")
    if read is None:
        raise NoSuchDay
    return read


def numen(form: Form) -> str:
    """As the core cleans it."""
    read = clean_numen(form.get("numen", ""))
    if read is None:
        raise NotReadable(what=N_("NUMEN"))
    return read


def digits(name: str, count: int) -> Callable[[Form], str]:
    """So many digits, spaces forgiven."""

    def parse(form: Form) -> str:
        read = re.sub(r"\s", "", form.get(name, ""))
        if not re.fullmatch(rf"\d{{{count}}}", read):
            raise NotReadable(what=name)
        return read

    return parse


def line(kind: FieldKind, label: str, example: str, parse: Callable[[Form], object], token: str) -> Field[object]:
    """A field of one input, called after its kind."""
    hint = N_("Par exemple : {example}", example=example)
    name = "email" if kind is FieldKind.ADDRESS else kind.value
    return Field(
        name=name, label=N_(label), hint=hint, example={name: example}, parse=parse, kind=kind, autocomplete=token
    )


BIRTH_DATE: Field[object] = Field(
    name="birth_date",
    label=N_("Date de naissance"),
    hint=N_("Le jour, le mois et l'année"),
    example={"birth_date-day": "29", "birth_date-month": "2", "birth_date-year": "1972"},
    parse=birth_date,
    kind=FieldKind.BIRTH_DATE,
    autocomplete="bday",
)
NEW_SECRET: Field[object] = Field(
    name="new_password",
    label=N_("Nom du plat"),
    hint=N_("Inventez-le."),
    example={"new_password": "Tarte aux 3 Pommes", "new_password_again": "Tarte aux 3 Pommes"},
    parse=new_password_field(criteria(Policy())),
    kind=FieldKind.NEW_SECRET,
    autocomplete="new-password",
    criteria=criteria(Policy()),
    again=N_("Le nom du plat, encore une fois"),
)
SECRET = replace(
    line(FieldKind.SECRET, "Mot de passe du cuisinier", "Farine 55", parse_password, "current-password"),
    name="password",
    example={"password": "Farine 55"},
)
CODE = line(FieldKind.CODE, "Code du four", "004 217", digits("code", 6), "one-time-code")


def copy(title: str, *voter: Text) -> Copy:
    """Words for both voices."""
    trouble = Trouble(sign=N_("Ça brûle"), voter=N_("Baissez le four."), agent=N_("Faites baisser le four."))
    return Copy(title=N_(title), voter=voter, agent=voter, troubles=(trouble,))


ORDER = Ask(
    code="TR-1",
    slug="commande",
    copy=copy("Une recette", N_("Dites qui vous êtes.")),
    act=Act(
        name="order",
        label=N_("Commander"),
        answers=Recipe,
        fields=(
            line(FieldKind.ADDRESS, "Adresse", "chef@ac-lumiere.example", address_field("x@y.example"), "username"),
            BIRTH_DATE,
            line(FieldKind.NUMEN, "NUMEN", "18G1234567ABC", numen, "off"),
            line(FieldKind.PHONE, "Téléphone", "06 39 98 00 42", digits("phone", 10), "tel"),
        ),
    ),
)
TASTE = Choose(
    code="TR-2",
    slug="gout",
    copy=copy("Sucré ou salé", N_("Né le {born}, vous aimez : ?")),
    acts=(
        Act(name="sweet", label=N_("Sucré"), answers=Sweet, fields=(SECRET, NEW_SECRET)),
        Act(name="savoury", label=N_("Salé"), answers=Savoury),
    ),
)
OVEN = Wait(
    code="TR-3",
    slug="four",
    copy=copy("Au four", NN_("Encore {count} minute.", "Encore {count} minutes.", count=20)),
    message=Message(code="TR-3", subject=N_("C'est prêt"), body=(N_("À table !"),)),
    acts=(Act(name="baked", label=N_("Sortir du four"), answers=Baked, fields=(CODE,)),),
)
TABLE = Tell(
    code="TR-4",
    slug="table",
    copy=copy("Bon appétit", N_("{dish} est servi.")),
    acts=(Act(name="again", label=N_("Recommencer"), answers=OnceMore),),
)
THROWAWAY = Flow(slug="recette", title=N_("Recette"), steps=(ORDER, TASTE, OVEN, TABLE))
OVEN_CODE = "004217"


@dataclass
class Kitchen:
    """The line: its state is kept in memory, by the visitor's case."""

    tools: Tools
    orders: dict[str, dict[str, object]] = field(default_factory=dict)
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def flow(self) -> Flow:
        """The definition."""
        return THROWAWAY

    def show(self, step: Step, visit: Visit) -> Shown:
        """The step where that visitor stands; the first is open to everyone."""
        order = self.orders.get(visit.case or "")
        if order is None or step is ORDER:
            return Shown(step=ORDER)
        return Shown(step=order["at"], facts=order, case=visit.case)  # type: ignore[arg-type]  # a step

    def standing(self, case: Recovery) -> Shown:
        """Nothing is kept of a recipe."""
        return Shown(step=self.flow.steps[0], case=case.number)

    def answer(self, answer: object, visit: Visit) -> Turn:
        """Cooks."""
        match answer:
            case Recipe():
                return self._ordered(answer, visit)
            case Sweet():
                return self._at(OVEN, visit, dish=answer.new_password)
            case Savoury():
                return self._at(OVEN, visit, dish="Quiche")
            case Baked():
                if answer.code != OVEN_CODE:
                    raise Problems({"code": WrongCode()})
                return self._at(TABLE, visit)
            case OnceMore():
                return Turn(ORDER, visit.with_(case=None))
            case _:
                raise NoHandler(type(answer).__name__)

    def _ordered(self, answer: Recipe, visit: Visit) -> Turn:
        number = f"CASE-{len(self.orders):04d}"
        self.orders[number] = {}
        return self._at(TASTE, visit.with_(case=number), born=answer.birth_date.isoformat())

    def _at(self, step: Step, visit: Visit, **facts: object) -> Turn:
        self.orders[visit.case or ""].update(facts, at=step)
        return Turn(step, visit)

    def rejected(self, step: Step, problems: Mapping[str, Rejected], visit: Visit) -> None:  # noqa: ARG002  # this line hears everyone alike
        """Hears."""
        self.heard.append((step.code, {name: problem.id for name, problem in problems.items()}))

    def refused(self, step: Step, refusal: Refusal, visit: Visit) -> None:
        """Nothing is ever refused as a whole here."""


# ── The house ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A new election with that flow beside its own."""
    make_folder(tmp_path / "election")
    monkeypatch.setenv("RETROUVE_ELECTION__SITE", "http://127.0.0.1")
    made = bootstrap.open_house(tmp_path / "election")
    kitchen = Kitchen(made.tools)
    yield replace(made, more_lines=lambda _tools: (kitchen,))
    made.close()


@pytest.fixture
def kitchen(house: House) -> Kitchen:
    """Its line."""
    return next(line for line in house.reception.lines if isinstance(line, Kitchen))


@pytest.fixture
def client(house: House) -> FlaskClient:
    """A browser without a screen, at the real application."""
    return create_app(house).test_client()


def place(step: Step) -> str:
    """Where that step is on the site."""
    return f"/{THROWAWAY.slug}/{step.slug}"


def send(client: FlaskClient, step: Step, act: Act[object], **other: str) -> TestResponse:
    """Presses a button, the fields filled with their examples or with something else."""
    typed = {name: text for each in act.fields for name, text in each.example.items()}
    return client.post(place(step), data={**typed, "choice": act.name, **other})


def code_on(page: TestResponse) -> str:
    """The code of the step on a page."""
    found = re.search(r'<meta name="step" content="([^"]*)">', page.get_data(as_text=True))
    assert found is not None, page.status
    return found[1]


def test_the_definition_is_sound() -> None:
    """Each example is accepted by its parser, each answer is made of its act's fields, and every kind of field is there."""
    acts = [act for step in THROWAWAY.steps for act in step.acts]
    kinds = set()
    for act in acts:
        assert list(answer_names(act.answers)) == [each.name for each in act.fields]
        act.read({name: text for each in act.fields for name, text in each.example.items()})
        for each in act.fields:
            assert list(each.example) == list(inputs_of(each))
            kinds.add(each.kind)
    assert kinds == set(FieldKind)
    assert {type(step) for step in THROWAWAY.steps} == {Ask, Choose, Wait, Tell}


def test_it_is_walked_without_a_browser(client: FlaskClient) -> None:
    """Each answer leads to the next step by a redirect, and its page is drawn."""
    for step, after in zip(THROWAWAY.steps, (*THROWAWAY.steps[1:], ORDER), strict=True):
        assert code_on(client.get(place(step))) == step.code
        answer = send(client, step, step.acts[0])
        assert (answer.status_code, answer.location) == (303, place(after))


def test_a_step_that_is_not_open_leads_to_the_one_that_is(client: FlaskClient) -> None:
    """Whether it is asked for or answered; nothing is done."""
    for step in (TASTE, OVEN, TABLE):
        assert client.get(place(step)).location == place(ORDER)
        assert send(client, step, step.acts[0]).location == place(ORDER)
    send(client, ORDER, ORDER.act)
    for step in (OVEN, TABLE):
        assert client.get(place(step)).location == place(TASTE)
        assert send(client, step, step.acts[0]).location == place(TASTE)


def test_what_cannot_be_read_is_listed_and_kept(client: FlaskClient, kitchen: Kitchen) -> None:
    """Status 422, one line for each field in the page's order, the other answers still there; the line hears of it."""
    wrong = {"birth_date-day": "31", "numen": "<b>", "phone": "12"}
    page = send(client, ORDER, ORDER.act, **wrong)
    body = page.get_data(as_text=True)
    assert (page.status_code, code_on(page)) == (422, ORDER.code)
    assert re.findall(r'<li><a href="#([^"]+)">', body) == ["birth_date-day", "numen", "phone"]
    assert 'value="chef@ac-lumiere.example"' in body
    assert 'value="&lt;b&gt;"' in body
    assert kitchen.heard == [
        (ORDER.code, {"birth_date": NoSuchDay.id, "numen": NotReadable.id, "phone": NotReadable.id})
    ]
    assert kitchen.orders == {}


def test_what_the_line_refuses_is_listed_too(client: FlaskClient, kitchen: Kitchen) -> None:
    """As if the parser had said it; but the line does not hear of what it said itself."""
    send(client, ORDER, ORDER.act)
    send(client, TASTE, TASTE.acts[1])
    page = send(client, OVEN, OVEN.acts[0], code="000000")
    assert (page.status_code, code_on(page)) == (422, OVEN.code)
    assert "il reste 2 essais" in page.get_data(as_text=True)
    assert kitchen.heard == []


def test_secrets_are_not_given_back(client: FlaskClient) -> None:
    """An error page keeps answers, not passwords."""
    send(client, ORDER, ORDER.act)
    page = send(client, TASTE, TASTE.acts[0], password="Sel gris", new_password="Quiche", new_password_again="Quiche")
    assert page.status_code == 422
    assert "Sel gris" not in page.get_data(as_text=True)
    assert "Quiche" not in page.get_data(as_text=True)


@pytest.mark.parametrize("choice", ["", "bitter", "order"])
def test_an_unknown_choice(client: FlaskClient, choice: str) -> None:
    """Is refused where there are several; nothing is done."""
    send(client, ORDER, ORDER.act)
    assert client.post(place(TASTE), data={"choice": choice}).status_code == 400
    assert code_on(client.get(place(TASTE))) == TASTE.code


def test_unknown_places(client: FlaskClient) -> None:
    """Of a known flow and of no flow."""
    assert client.get(f"/{THROWAWAY.slug}/dessert").status_code == 404
    assert client.get(f"/menu/{ORDER.slug}").status_code == 404


def test_the_house_keeps_its_own_flows(client: FlaskClient, house: House) -> None:
    """The front page is still the forgotten password, and a case of one flow opens nothing of another."""
    assert code_on(client.get("/")) == house.password.identify.code
    send(client, ORDER, ORDER.act)
    waiting = f"/{house.password.flow.slug}/{house.password.message_asked.slug}"
    assert client.get(waiting).location == "/"


# ── In the help ──────────────────────────────────────────────────────────────────────────────────────────


def test_it_has_its_page_in_the_help(house: House, tmp_path: Path) -> None:
    """Built strictly, with its steps, its fields, its numbers and its place on the front page; searchable."""
    build_site(Shelf(book_of(house)), tmp_path / "site")
    page = unescape((tmp_path / "site" / f"{THROWAWAY.slug}.html").read_text("utf-8")).replace("\u00a0", " ")
    for step in THROWAWAY.steps:
        assert f'id="{step.code.lower()}"' in page
        assert page.count(f'<b class="mark">{len(marks_of(step))}</b>') >= 1
        for act in step.acts:
            assert say(act.label, Language.FRENCH) in page
            for each in act.fields:
                assert f'id="{step.code.lower()}-{each.name}"' in page
                assert say(each.hint, Language.FRENCH) in page
    assert f'href="{THROWAWAY.slug}.html#tr-1"' in (tmp_path / "site" / "index.html").read_text("utf-8")
    assert f"{THROWAWAY.slug}.html#tr-4" in (tmp_path / "site" / "search-en.js").read_text("utf-8")


# ── In Chromium ──────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def served(house: House) -> Iterator[str]:
    """The application on a free port."""
    server = make_server("127.0.0.1", 0, create_app(house), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_it_is_walked_in_chromium(house: House, context: BrowserContext) -> None:
    """Typed as its examples say, its labels held against the screen; a slip on the way keeps the other answers."""
    with served(house) as site:
        visitor = Visitor(None, new_page(context), None, Language.FRENCH)  # type: ignore[arg-type]  # no demo, no mailbox
        visitor.goes(site + place(ORDER))
        slip = {**_examples(ORDER.act), "birth_date-day": "31"}
        visitor.does(ORDER, Recipe, slip)
        visitor.sees(ORDER)
        assert visitor.page.evaluate("document.activeElement.hasAttribute('data-summary')")
        assert visitor.page.locator("#numen").input_value() == slip["numen"]
        visitor.types({"birth_date-day": "29"})
        visitor.presses(ORDER.act)
        visitor.does(TASTE, Sweet, _examples(TASTE.acts[0]))
        visitor.does(OVEN, Baked, _examples(OVEN.acts[0]))
        visitor.sees(TABLE)
        assert visitor.text("main").count("Tarte aux 3 Pommes est servi.") == 1
        assert visitor.reads(words.SAY_STEP_AND_CASE)
        visitor.page.goto("about:blank")


# ── In the help ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def anew(house: House) -> House:
    """The same election, with a kitchen that knows no order at each walk."""
    return replace(house, more_lines=lambda tools: (Kitchen(tools),))


def test_it_gets_its_pictures(anew: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else knows of it here either. Twice the same bytes; after a change of one label, only that step's anew."""

    def alone() -> Book:
        return replace(book_of(anew), flows=(THROWAWAY,))

    with rehearsals(anew, [Language.FRENCH]) as stages:
        first = take(stages, alone(), tmp_path / "first", tmp_path / "cache")
        second = take(stages, alone(), tmp_path / "second", tmp_path / "another cache")
        renamed = replace(TABLE, acts=(replace(TABLE.acts[0], label=N_("Une autre recette")),))
        monkeypatch.setitem(globals(), "TABLE", renamed)
        monkeypatch.setitem(globals(), "THROWAWAY", replace(THROWAWAY, steps=(ORDER, TASTE, OVEN, renamed)))
        third = take(stages, alone(), tmp_path / "third", tmp_path / "cache")

    wanted = {shot.name for shot in shots_of([THROWAWAY]) if shot.language is Language.FRENCH}
    assert _names(tmp_path / "first") == wanted | {MANIFEST}
    assert _bytes(tmp_path / "second") == _bytes(tmp_path / "first")
    assert (first.taken, second.taken, third.taken) == (len(wanted), len(wanted), len(Theme) * len(Width))


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _examples(act: Act[object]) -> dict[str, str]:
    return {name: text for each in act.fields for name, text in each.example.items()}
