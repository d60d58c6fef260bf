"""How a step is drawn on the web: Python picks one template per kind and hands it sentences ready to print.

Jinja is outside the type checker, so it decides nothing: it reads small frozen views, with StrictUndefined.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import assert_never

from jinja2 import Environment
from markupsafe import Markup

from core import words
from core.errors import Refusal
from core.policy import Election
from core.steps import Act, Ask, Channel, Choose, Form, Rejected, Shown, Step, Tell, Wait, closed_acts
from core.text import Language, Text
from templates import jinja
from webhook.blanks import Same, blank, filled, words_of
from webhook.forms import DrawnAct, Mending, drawn_act, mendings
from webhook.help import Help, Pointers
from webhook.sentences import NAME, Voice, still, voice_of

STATIC = "/static"
"""Where the application serves the folder `templates/static`."""
SUBJECT_LABELS = {Channel.MAIL: words.MESSAGE_SUBJECT, Channel.SMS: words.SMS_TO_COME}
NOTHING_TYPED: Form = MappingProxyType({})
NO_PROBLEMS: Mapping[str, Rejected] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every page of one request shares."""

    language: Language
    election: Election
    here: str
    """The path of this page, for the language switch."""
    home: str
    """The path of the first step."""
    action: str
    """Where the form posts."""
    signed_in: bool
    phase_notice: Text | None
    """The calendar's banner: "the service opens on …"."""
    help: Help | None = None
    """Where the help is, if it was built."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A link of the language switch, its name in the language it leads to."""

    tag: str
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What base.html prints around the sheet, whatever is on it."""

    around: Surroundings
    tongues: tuple[Tongue, ...]
    phase_notice: Markup | None
    call: Markup
    say_on_the_phone: Markup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What base.html prints at the top of the sheet, and in the document's head."""

    document_title: str
    heading: Markup
    meta: Mapping[str, str]
    step: str | None = None
    case: str | None = None
    guide: Pointers | None = None
    """Where this is explained in the help, if it was built."""
    progress: Markup | None = None
    notices: tuple[Markup, ...] = ()
    moving: bool = False
    """Whether the page's script looks again by itself."""
    mendings: tuple[Mending, ...] = ()
    tries: Markup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTrouble:
    """What usually goes wrong here, and what to do."""

    sign: Markup
    remedy: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A step's own words and acts."""

    paragraphs: tuple[Markup, ...]
    shows_address: bool
    acts: tuple[DrawnAct, ...]
    not_yet: tuple[Markup, ...] = ()
    """Why the acts are not open yet, a sentence each; then `acts` is empty."""
    troubles: tuple[DrawnTrouble, ...] = ()
    queue_delay: Markup | None = None
    subject: Markup | None = None
    subject_label: Markup | None = None


def draw_step(
    shown: Shown,
    around: Surroundings,
    *,
    form: Form = NOTHING_TYPED,
    problems: Mapping[str, Rejected] = NO_PROBLEMS,
    tries: Text | None = None,
) -> str:
    """The page of a step. After a refused act: what was typed, what to mend by field, and how many tries are left."""
    if not (form or problems or tries or around.phase_notice) and (own := words_of(shown)) is not None:
        page = _blank_page(Same(shown.step), tuple(own), around, has_case=shown.case is not None, moving=shown.moving)
        return filled(page, own)
    return drawn_at_once(shown, around, form, problems, tries)


@lru_cache(maxsize=256)
def _blank_page(same: Same, names: tuple[str, ...], around: Surroundings, *, has_case: bool, moving: bool) -> str:
    return drawn_at_once(blank(same.step, names, has_case=has_case, moving=moving), around)


def drawn_at_once(
    shown: Shown,
    around: Surroundings,
    form: Form = NOTHING_TYPED,
    problems: Mapping[str, Rejected] = NO_PROBLEMS,
    tries: Text | None = None,
) -> str:
    """Likewise, with nothing prepared."""
    facts = {"step": shown.step.code, **shown.facts}
    voice = voice_of(around.election, around.language, facts, case=shown.case)
    sheet = _step_sheet(shown, voice, around, mendings(shown.step, voice, problems), voice.maybe(tries))
    body = _body(shown, voice, form, problems)
    return _render(_template(shown.step), _frame(around, voice, sheet), sheet, body=body)


def draw_refusal(refusal: Refusal, around: Surroundings) -> str:
    """The page that says why an act is not possible, and what to do now."""
    voice = voice_of(around.election, around.language, refusal.facts)
    sheet = Sheet(
        document_title=voice.plain(words.DOCUMENT_TITLE.fill({"title": voice.plain(refusal.title)})),
        heading=voice.html(refusal.title, emphasis=False),
        meta={"refusal": refusal.id},
        guide=None if around.help is None else Pointers(help=around.help),
    )
    remedy = tuple(voice.html(each) for each in refusal.remedy)
    return _render("refusal.html", _frame(around, voice, sheet), sheet, remedy=remedy)


@lru_cache
def environment() -> Environment:
    """The templates, compiled once a process: they do not change under a running server."""
    made = jinja.environment("web")
    made.globals["asset"] = asset
    return made


@lru_cache
def asset(name: str) -> str:
    """The address of a static file; the digest of its bytes lets browsers keep it for good."""
    digest = sha256((files("templates") / "static" / name).read_bytes()).hexdigest()
    return f"{STATIC}/{name}?v={digest[:12]}"


def _template(step: Step) -> str:
    match step:
        case Ask():
            return "ask.html"
        case Choose():
            return "choose.html"
        case Wait():
            return "wait.html"
        case Tell():
            return "tell.html"
        case _:
            assert_never(step)


def _render(template: str, frame: Frame, sheet: Sheet, **own: object) -> str:
    said = _words(frame.around.language)
    return environment().get_template(template).render(frame=frame, sheet=sheet, words=said, **own)


def _frame(around: Surroundings, voice: Voice, sheet: Sheet) -> Frame:
    return Frame(
        around=around,
        tongues=tuple(
            Tongue(each.value, name, f"{around.here}?lang={each.value}")
            for each, name in words.AUTONYMS.items()
            if each is not around.language
        ),
        phase_notice=voice.maybe(around.phase_notice),
        call=voice.html(words.CALL),
        say_on_the_phone=voice.maybe(_say_on_the_phone(sheet)),
    )


def _say_on_the_phone(sheet: Sheet) -> Text | None:
    if sheet.step is None:
        return None
    return words.SAY_STEP if sheet.case is None else words.SAY_STEP_AND_CASE


def _step_sheet(
    shown: Shown, voice: Voice, around: Surroundings, to_mend: tuple[Mending, ...], tries: Markup | None
) -> Sheet:
    step, progress = shown.step, shown.facts.get("progress")
    title = words.DOCUMENT_TITLE_IN_ERROR if to_mend else words.DOCUMENT_TITLE
    case = {} if shown.case is None else {"case": shown.case}
    return Sheet(
        document_title=voice.plain(title.fill({"title": voice.plain(step.copy.title)})),
        heading=voice.html(step.copy.title, emphasis=False),
        meta={"step": step.code, **case},
        step=step.code,
        case=shown.case,
        guide=None if around.help is None else Pointers(help=around.help, step=step.code),
        progress=voice.html(progress) if isinstance(progress, Text) else None,
        notices=tuple(voice.html(each) for each in shown.notices),
        moving=shown.moving,
        mendings=to_mend,
        tries=tries,
    )


def _body(shown: Shown, voice: Voice, form: Form, problems: Mapping[str, Rejected]) -> Body:
    step, delay = shown.step, shown.facts.get("queue_delay")
    message = step.message if isinstance(step, Wait) else None
    closed = closed_acts(shown)
    return Body(
        paragraphs=tuple(voice.html(each) for each in step.copy.voter),
        shows_address="address" in shown.facts,
        acts=tuple(drawn_act(act, voice, form, problems) for act in step.acts if act not in closed),
        not_yet=tuple(_not_yet(act, voice) for act in closed),
        troubles=tuple(
            DrawnTrouble(sign=voice.html(each.sign), remedy=voice.html(each.voter)) for each in step.copy.troubles
        ),
        queue_delay=voice.html(delay) if isinstance(delay, Text) else None,
        subject=None if message is None else voice.html(message.subject, emphasis=False),
        subject_label=None if message is None else voice.html(SUBJECT_LABELS[message.channel]),
    )


def _not_yet(act: Act[object], voice: Voice) -> Markup:
    return voice.html(words.AGAIN_FROM.fill({"act": act.label}))


@lru_cache
def _words(language: Language) -> Mapping[str, Markup]:
    """The words around a step that hold no value, by the name templates know them under."""
    return {
        name.lower(): still(text, language)
        for name, text in vars(words).items()
        if isinstance(text, Text) and not NAME.search(text.msgid)
    }
