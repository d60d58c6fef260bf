"""Tests the pages of steps and refusals: their content and structure, whatever was typed."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, UndefinedError
from markupsafe import Markup
from tinyhtml5.parser import HTMLParser as HTML5Parser

from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.identifier.definition import IdentifierFlow
from core.flows.password.definition import PasswordFlow
from core.flows.phase_notice import closed_desk_notices, desk_status
from core.forms import errors
from core.forms.flow_model import RESUME, AskStep, FieldKind, ShownStep, Step, input_names
from core.forms.step_position import StepPosition
from core.policy.policy import PRESETS, Policy
from core.text.faces import page_frame_texts as words
from core.text.text import Text
from core.text.urls import CONTACT_PATH
from tests import gallery
from tests.support.contrast import contrast
from tests.support.election import CALENDAR
from webhook.page_context import SignOutButton
from webhook.page_frame_rendering import asset_url, template_environment
from webhook.security_headers import HEADERS
from webhook.step_rendering import draw_refusal, draw_step

FLOW = PasswordFlow(Policy())
PAGES: dict[str, str] = gallery.pages()
AROUND = gallery.around()
CASE = gallery.CASE
WAITING = {**gallery.FACTS, "address": gallery.ADDRESS}


class _Elements(HTMLParser):
    """Collects the start tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.found if each == tag]

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.found if "id" in attributes]


@cache
def _elements(page: str) -> _Elements:
    """Return the start tags of a page. The result is cached for all tests."""
    return _Elements(page)


def _meta(page: str, name: str) -> list[str | None]:
    return [each["content"] for each in _elements(page).all("meta") if each.get("name") == name]


def _title(page: str) -> str:
    found = re.search(r"<title>(.*)</title>", page)
    assert found is not None
    return found[1]


def _case_shown(step: AskStep) -> ShownStep:
    return ShownStep(step=step, facts=WAITING, case=CASE)


# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────


def test_every_step_is_drawn_with_its_code() -> None:
    """This holds for every kind of step under every preset."""
    for policy in PRESETS.values():
        pages = gallery.pages(policy)

        for _, step in gallery.steps(policy):
            assert _meta(pages[step.code], "step") == [step.code]


def test_a_page_with_problems_says_so_in_its_title() -> None:
    """A screen reader reads the title first. It also names the step and the election."""
    assert _title(PAGES["MP-1-problem"]) == "Erreur : Adresse électronique – Élections professionnelles 2018"


def test_no_page_holds_an_inline_style_nor_a_script_but_the_one_that_the_policy_names() -> None:
    """The Content-Security-Policy allows no inline style, and only one inline script, by its digest."""
    (allowed,) = re.findall(r"'sha256-([^']+)'", HEADERS["Content-Security-Policy"])
    for name, page in PAGES.items():
        for tag, attributes in _elements(page).found:
            assert tag != "style", name
            assert not [key for key in attributes if key == "style" or key.startswith("on")], name
        inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        assert [b64encode(sha256(each.encode()).digest()).decode() for each in inline] == [allowed], name
        assert [each.keys() for each in _elements(page).all("script") if "src" not in each] == [set()], name


def test_every_page_is_html_without_a_fault() -> None:
    """An HTML parser reports no error, such as an element inside an `option`, which screen readers skip."""
    parser = HTML5Parser()
    faults = dict[str, object]()
    for name, page in PAGES.items():
        parser.parse(page)
        faults |= {name: parser.errors} if parser.errors else {}
    assert faults == {}
    assert len(re.findall(r"<option[^>]*>[^<]*\d\sh [^<]*</option>", PAGES["DA-1"])) >= 2


def test_no_page_repeats_an_id_and_everything_that_it_names_exists() -> None:
    """Labels, descriptions and the list of problems refer to ids that are unique on the page."""
    for name, page in PAGES.items():
        elements = _elements(page)
        ids = set(elements.ids())
        assert len(elements.ids()) == len(ids), name
        named = [each["for"] for each in elements.all("label")]
        named += [href[1:] for each in elements.all("a") if (href := each.get("href") or "").startswith("#")]
        named += [one for _, each in elements.found for one in (each.get("aria-describedby") or "").split()]
        assert set(named) <= ids, name


def test_the_start_links_to_advice_above_the_form_and_every_entry_leads_on() -> None:
    """The links above the form lead to advice below it, and the advice leads back. Every case has a link to the help."""
    page = PAGES["start"]
    entries = page.split('<details id="lost-')[1:]
    assert re.findall(r'href="#lost-([^"]*)"', page.partition("<form")[0]) == ["password", "identifier", "both"]
    assert page.index("Continuer</button>") < page.index('<details id="lost-') < page.index("Début du vote")
    assert [each.split('"')[0] for each in entries] == ["password", "identifier", "both", "mailbox", "something-else"]
    for entry in entries:
        assert "<li>" in entry
        assert 'href="/aide/' in entry
    assert ['href="#email"' in entry for entry in entries] == [True] * 3 + [False] * 2
    assert "obligatoire" not in page + PAGES["MP-2"]  # of one required field, or one of two ways
    assert "lost-" not in PAGES["MP-2"]


def test_a_page_weighs_at_most_15_kilobytes() -> None:
    """Voters also read pages on a slow telephone network."""
    assert {name: len(page.encode()) for name, page in PAGES.items() if len(page.encode()) > 15_000} == {}


def test_assets_are_named_by_their_bytes() -> None:
    """Browsers may cache an asset for ever, and still load a new version at once."""
    assert re.fullmatch(r"/static/retrouve\.css\?v=[0-9a-f]{12}", asset_url("retrouve.css"))


def test_a_template_that_misses_a_value_and_a_sentence_that_misses_a_fact_fail() -> None:
    """A missing value raises an error instead of printing nothing, so that the defect is found."""
    assert template_environment().undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        template_environment().get_template("ask.html").render()

    with pytest.raises(KeyError):
        draw_step(ShownStep(step=FLOW.confirm), AROUND)


def test_the_calendar_and_the_visit_speak_above_the_sheet() -> None:
    """The page shows the banner and the notices."""
    assert "Le vote est ouvert." in PAGES["waiting"]
    assert "Vous êtes déjà connecté dans ce navigateur." in PAGES["waiting"]


def test_every_page_leads_to_the_legal_pages_and_calls_the_desk() -> None:
    """The footer names the degree of accessibility, and the helpdesk's telephone number is a link."""
    for name, page in PAGES.items():
        assert 'href="tel:0199004242"' in page, name
        links = {each["href"] for each in _elements(page).all("a")}
        assert {"/accessibilite", "/donnees", "/mentions-legales"} <= links, name
        assert "Accessibilité : non conforme" in page.replace("\u00a0", " "), name


def test_one_signs_out_from_every_page_after_its_own_form() -> None:
    """The button is at the top but has its own form, the last one. Without a signed-in voter there is none."""
    button = SignOutButton(posts_to="/espace/accueil", name="sign-out", label=Markup("Se déconnecter"))
    around = replace(AROUND, sign_out=button)
    for page in (
        draw_step(ShownStep(step=FLOW.identify), around, key="k" * 43),
        draw_refusal(errors.PageNotFound(), around),
    ):
        elements = _elements(page)
        (top,) = [each for each in elements.all("button") if each.get("form") == "sign-out"]
        assert top["value"] == "sign-out"
        assert elements.all("form")[-1]["action"] == "/espace/accueil"
    assert 'form="sign-out"' not in PAGES["MP-1"]


def test_a_form_says_what_must_be_filled_in() -> None:
    """A sentence above the fields and each input say so (RGAA 11.10). A checkbox is optional."""
    assert "Tous les champs sont obligatoires." in PAGES["ID-2"]
    required = {
        each["name"]: each.get("aria-required") for each in _elements(PAGES["MP-2"]).all("input") if "id" in each
    }
    assert required == {"password": "true", "shared": None}


def test_a_link_into_another_window_shows_it() -> None:
    """A sign is shown beside every such link, and its meaning is read aloud."""
    sheet = (files("templates") / "static" / "retrouve.css").read_text("utf-8")
    assert '.aside::after { content: "↗"' in sheet
    for name, page in PAGES.items():
        opens = [each for each in _elements(page).all("a") if each.get("target") == "_blank"]
        assert all(each["class"] == "aside" for each in opens), name
        assert page.count(words.NEW_WINDOW.msgid) == len(opens), name


def test_the_position_on_the_way_is_told_beside_the_code() -> None:
    """A step outside the main sequence has no position."""
    shown = ShownStep(step=FLOW.identify)
    assert "étape 1 sur 7" in draw_step(shown, replace(AROUND, position=StepPosition(1, 7)))
    assert "sur 7" not in draw_step(shown, AROUND)


def test_the_other_language_is_one_link_away() -> None:
    """The link is written in the other language and marked as such."""
    links = [each for each in _elements(PAGES["MP-1"]).all("a") if each.get("hreflang")]
    assert [(each["href"], each["lang"]) for each in links] == [("/mot-de-passe/etape?lang=en", "en")]
    assert ">English</a>" in PAGES["MP-1"]


# ── What was typed ───────────────────────────────────────────────────────────────────────────────────────


@given(typed=st.text(st.sampled_from("<>&\"'{}ab\ue000\ue001\ue002\ue003 address"), min_size=1, max_size=60))
def test_an_address_is_text_whatever_it_holds(typed: str) -> None:
    """An address cannot contain markup, the name of a value or a placeholder that takes effect."""
    for step in (FLOW.choose_way, FLOW.confirm, FLOW.message_asked):
        plain = draw_step(replace(_case_shown(step), facts={**WAITING, "address": "x"}), AROUND)
        attacked = draw_step(replace(_case_shown(step), facts={**WAITING, "address": typed}), AROUND)
        assert [tag for tag, _ in _Elements(attacked).found] == [tag for tag, _ in _elements(plain).found]


def test_what_was_typed_is_escaped_once_wherever_it_is_printed() -> None:
    """An address is escaped in sentences and attributes, and so are the values that a refusal prints."""
    page = draw_step(
        replace(_case_shown(FLOW.confirm), facts={**WAITING, "address": '<script>alert("1")</script>'}), AROUND
    )
    assert "<strong>&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;</strong>" in page

    assert "Le caractère «\u00a0&lt;\u00a0»" in PAGES["MP-1-problem"]

    quoted = f'<span class="whole">«\u00a0<strong>{gallery.ELECTION.site}</strong>\u00a0»</span> jusqu'
    assert quoted in draw_refusal(errors.LinkDamaged(), AROUND)

    page = draw_refusal(errors.LinkExpired(expired_at="<b>"), AROUND)
    assert "<strong>&lt;b&gt;</strong>" in page


def test_answers_are_kept_but_never_secrets() -> None:
    """A page with a problem keeps the typed address, but never a password."""
    assert f'value="{FLOW.identify.actions[0].fields[0].example["email"]}"' in PAGES["MP-1-problem"]
    for code in ("MP-2", "MP-6"):
        assert "Lavande bleue 2018" not in PAGES[f"{code}-problem"], code


def test_the_tries_left_stand_beside_the_problem() -> None:
    """The page that refuses a password says how many attempts are left."""
    assert "Il reste 3 essais." in PAGES["MP-2-problem"]


# ── Fields ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_input_has_label_hint_autocomplete_and_error() -> None:
    """This holds for the inputs of every kind of field."""
    for suffix in ("", "-problem"):
        known = [*((step, step.code) for _, step in gallery.steps(Policy())), (gallery.every_kind_of_field(), "fields")]
        seen = set()
        for step, name in known:
            for field in (each for act in step.actions for each in act.fields):
                seen.add(field.kind)
                elements = _elements(PAGES[name + suffix])
                labelled = {each["for"] for each in elements.all("label")}
                boxes = (*elements.all("input"), *elements.all("select"))
                inputs = {each["id"]: each for each in boxes if "id" in each}
                for own in input_names(field):
                    described = (inputs[own]["aria-describedby"] or "").split()
                    assert own in labelled
                    assert inputs[own]["name"] == own
                    assert (inputs[own].get("autocomplete") or "").startswith(field.autocomplete)
                    assert f"{field.name}-hint" in described
                    assert (f"{field.name}-error" in described) == bool(suffix)
                    assert (inputs[own].get("aria-invalid") == "true") == bool(suffix)
        assert seen == set(FieldKind)


def test_a_birth_date_is_three_inputs_with_their_own_tokens() -> None:
    """Browsers can fill in each part of the date."""
    tokens = {each.get("id"): each.get("autocomplete") for each in _elements(PAGES["fields"]).all("input")}
    assert tokens["birth_date-day"] == "bday-day"
    assert tokens["birth_date-month"] == "bday-month"
    assert tokens["birth_date-year"] == "bday-year"


def test_the_browser_validates_nothing() -> None:
    """A browser's messages would not be in our words and would hide our other messages."""
    for page in PAGES.values():
        assert all("novalidate" in form for form in _elements(page).all("form"))
        assert not re.search(r"<input[^>]*\s(required|pattern|maxlength|minlength)", page)


def test_problems_are_listed_first_with_a_link_to_each_input() -> None:
    """The problems are in the order of the page."""
    page = PAGES["fields-problem"]
    summary = page[page.index("data-summary") : page.index("<h1>")]
    assert re.findall(r'href="#([^"]+)"', summary) == ["phone", "birth_date-day", "numen", "code", "choix", "dossier"]


def test_the_attempts_left_are_said_once() -> None:
    """After a wrong code, the step says how many attempts are left, so the list of problems does not."""
    tries = errors.code_tries_left_sentence(4, pause_minutes=60)
    shown = ShownStep(
        step=IdentifierFlow(Policy()).code, facts={**gallery.FACTS, "validity": tries, "tries": tries}, case=CASE
    )
    page = draw_step(shown, AROUND, problems={"code": errors.WrongCode()}, tries=tries)
    assert page.count("4 essais") == 1


def test_criteria_are_listed_as_data() -> None:
    """The script reads the limits from the page."""
    items = {each["id"]: each for each in _elements(PAGES["MP-6"]).all("li") if "data-counts" in each}
    length = items["new_password-length"]
    assert (length["data-counts"], length["data-minimum"], length["data-maximum"], length["data-unicode"]) == (
        "any",
        "8",
        "24",
        "false",
    )
    assert "data-maximum" not in items["new_password-digit"]


# ── Acts ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_buttons_that_choose_are_named_choice() -> None:
    """Black-box tests rely on the name "choice"."""
    buttons = [each for each in _elements(PAGES["MP-2"]).all("button") if "hidden" not in each]
    assert [(each["name"], each["value"]) for each in buttons] == [("choice", "sign-in"), ("choice", "forgotten")]
    assert _elements(PAGES["MP-1"]).all("button") == [{}]


def test_a_step_with_an_address_offers_to_change_it() -> None:
    """The link leads to the first step, where the voter can type another address."""
    for code, offered in {"MP-1": False, "MP-2": True, "MP-3": True, "MP-4": True, "MP-6": False}.items():
        assert (str(words.CHANGE_ADDRESS.msgid.replace("'", "&#39;")) + "</a>" in PAGES[code]) is offered, code


def test_asking_again_is_open_only_after_the_pause() -> None:
    """Before that, the page says when the button will be available."""
    early = PAGES["waiting"]
    late = draw_step(ShownStep(step=FLOW.message_asked, facts={**WAITING, "may_ask_again": True}, case=CASE), AROUND)
    assert not _elements(early).all("button")
    assert re.search(
        "demander ici un nouvel envoi à partir de <time[^>]*><strong>14\u00a0h\u00a005</strong></time>",
        early,
    )
    assert "Renvoyer le message" not in early  # a button that is not there
    assert [each["value"] for each in _elements(late).all("button")] == ["again"]


def test_only_the_times_to_remember_are_bold() -> None:
    """The end of the vote is bold. The end of the session and the time of the last change are not."""
    sheet = PAGES["EV-1"].partition("<footer")[0]
    assert re.findall(r"(\S+ \S+) <time[^>]*><strong>", sheet) == ["ouvert jusqu&#39;au"]
    assert sheet.count("<time") > 1


def test_while_waiting_one_reads_what_will_arrive_and_what_may_go_wrong() -> None:
    """The page shows the message's subject, the case number, the delay and common problems."""
    page = PAGES["waiting"]
    assert "<b>Votre lien pour choisir un mot de passe</b>" in page
    assert f'Numéro de dossier <strong class="code">{CASE}</strong>' in page
    assert "en 4\u00a0minutes environ." in page
    assert page.count("<li><b>") == len(FLOW.message_asked.copy.common_problems)


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────


def test_every_refusal_is_drawn() -> None:
    """Every refusal page has a link to the first step or to the refused page. It looks like the main act only if it helps."""
    for refusal in gallery.refusals():
        page = draw_refusal(refusal, AROUND)
        assert (_meta(page, "refusal"), _meta(page, "step")) == ([refusal.id], [])
        looks = "button" if refusal.leads_on or refusal.looks_again else "button secondary"
        assert f'class="{looks}" href="{AROUND.here if refusal.looks_again else AROUND.home}"' in page, refusal.id
        assert not refusal.leads_on or page.partition('class="button"')[0].count("<p>") == 2, refusal.id


def test_every_word_is_said_somewhere_or_by_the_script() -> None:
    """The test fails for a sentence that no template prints."""
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder, pattern in (("templates/web", "*.html"), ("webhook", "*.py"), ("core/forms", "*.py"))
        for path in Path(str(files("templates"))).parent.joinpath(folder).glob(pattern)
    )
    for name in (name for name, value in vars(words).items() if isinstance(value, Text)):
        assert f"words.{name}" in sources or f"words.{name.lower()}" in sources or f'words["{name.lower()}"]' in sources


# ── Colours ──────────────────────────────────────────────────────────────────────────────────────────────

READ_ON = {  # WCAG 2.2, 1.4.3
    "sheet": ["ink", "soft", "link", "rust", "wrong", "right", "petrol"],
    "paper": ["ink", "soft", "link", "rust"],
    "wash": ["ink", "soft", "link", "wrong"],
    "petrol": ["on-petrol"],
    "petrol-down": ["on-petrol"],
    "mast": ["mast-ink"],
}
SEEN_ON = {"sheet": ["field", "focus", "petrol", "wrong"], "paper": ["focus"]}  # WCAG 2.2, 1.4.11


def test_a_refusal_that_asks_for_a_call_says_when_the_desk_opens() -> None:
    """At night, the page of a blocked account says once when the desk opens, and links to the form that asks for a call."""
    of_night = (Policy(), CALENDAR, datetime(2018, 11, 24, 23, tzinfo=UTC))
    at_night = replace(AROUND, closed_desk_notices=closed_desk_notices(*of_night), desk_status=desk_status(*of_night))
    shown = {
        refusal.id: draw_refusal(refusal, at_night).count('class="notice"')
        for refusal in (errors.AccountFrozen(), errors.SignInNeeded())
    }
    assert shown == {errors.AccountFrozen.id: 1, errors.SignInNeeded.id: 0}
    link = f'<a class="whole" href="{CONTACT_PATH}">Demander'
    blocked = draw_refusal(errors.AccountFrozen(), at_night)
    assert link in blocked
    steps = {
        step.code: draw_step(ShownStep(step=step, facts=gallery.FACTS), at_night) for step in STOP_CHANGE.flow.steps
    }
    assert {code for code, page in steps.items() if link in page} == {"ST-1", "ST-2"}
    assert [page.count("et rouvre") for page in (blocked, *steps.values())] == [1] * 4


def test_only_the_freeze_has_a_button_that_warns() -> None:
    """Only the helpdesk can undo a freeze, so its button differs from all others.

    It is the first form of the page. A new password, which harms nobody, is offered before it by a link that looks like a button.
    """
    looks = {code: [each.get("class") for each in _elements(PAGES[code]).all("button")] for code in PAGES}
    assert [code for code, classes in looks.items() if "danger" in classes] == ["ST-1"]
    assert looks["ST-1"] == ["danger", "secondary"]
    assert 0 < PAGES["ST-1"].find(">Vous avez seulement un doute") < PAGES["ST-1"].index("<form")


def test_colours_are_told_apart() -> None:
    """The contrast of both themes, computed from the style sheet, is high enough."""
    for theme in (0, 1):
        for pairs, least in ((READ_ON, 4.5), (SEEN_ON, 3)):
            sheet = (files("templates") / "static" / "retrouve.css").read_text(encoding="utf-8")
            roots = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
            found = re.findall(r"--([\w-]+): #([0-9a-f]{6});", roots[theme])
            colours = {name: bytes.fromhex(written) for name, written in found}
            for ground, inks in pairs.items():
                for ink in inks:
                    assert contrast(colours[ink], colours[ground]) >= least, (theme, ink, ground)


def test_the_stylesheet_stays_small() -> None:
    """On a slow network, a telephone waits for the style sheet before it shows anything."""
    assert len((files("templates") / "static" / "retrouve.css").read_bytes()) <= 14 * 1024


def test_a_web_address_is_a_link_that_bears_its_label() -> None:
    """In the voter space, the voting site is one link, and its address is not read out."""
    page = draw_step(ShownStep(step=VOTER_SPACE.home, facts=gallery.FACTS), AROUND)
    assert f'<a class="whole" href="{gallery.ELECTION.vote_site}">Site de vote</a>' in page
    early = replace(AROUND, election=gallery.ELECTION.at(gallery.ELECTION.vote_opens - timedelta(seconds=1)))
    page = draw_step(ShownStep(step=VOTER_SPACE.home, facts=gallery.FACTS), early)
    assert "ouvrira" in page
    assert f'href="{gallery.ELECTION.vote_site}"' not in page


def test_a_button_is_highlighted_only_if_something_is_left_to_do() -> None:
    """The voter space highlights only the request that waits for the voter."""
    for step, facts, highlighted in (
        (VOTER_SPACE.home, {"may_resume": False}, 0),
        (VOTER_SPACE.home, {"may_resume": True}, 1),
        (FLOW.done, {}, 0),
        (IdentifierFlow(Policy()).failed, {}, 1),
    ):
        page = draw_step(ShownStep(step=step, facts={**gallery.FACTS, **facts}), AROUND)
        buttons = _elements(page.split("<main")[1].split("</main")[0]).all("button")
        assert sum("class" not in button for button in buttons) == highlighted, step.code


@pytest.mark.parametrize("step", [VOTER_SPACE.home, IdentifierFlow(Policy()).begin, IdentifierFlow(Policy()).failed])
def test_no_button_requests_an_identifier_when_no_request_is_left(step: Step) -> None:
    """The page needs no time from which the button would be possible again."""
    facts = {name: value for name, value in gallery.FACTS.items() if name != "again_from"}
    pages = [
        draw_step(ShownStep(step=step, facts={**facts, "may_request": possible}), AROUND) for possible in (True, False)
    ]
    button = f'value="{next(act.name for act in step.actions if act.name != RESUME)}"'
    assert [button in page for page in pages] == [True, False]
