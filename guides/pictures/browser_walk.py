"""The way through a flow, found from its definition: types the examples, presses the acts, reads the messages.

The walk asks the site without a browser; Chromium draws only the pages that are looked at, which spares it two pages of three.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard
from urllib.parse import urlencode

from core.forms.flow_model import Action, AwaitMessageStep, Channel, FieldKind, Flow, MailOrSmsText, Step
from core.text.text import Language
from core.text.translation import translate
from guides.pictures import PictureRefused
from guides.pictures.chromium_page import ChromiumPage, Frame
from guides.pictures.page_definition_check import PageDiffersFromDefinition, ShownPageWords, fold_spaces, read_page
from guides.pictures.parsed_html_page import ParsedHtmlPage
from guides.pictures.sandboxed_site_interface import SandboxedSite

CODE = re.compile(r"\b\d{6}\b")
LOOK = """() => {
    const shown = document.querySelector("main :is(.sheet, .handset)") ?? document.documentElement;
    return [document.documentElement.lang, shown.outerHTML, ...[...shown.querySelectorAll("input, select")].map(each => each.value)];
}"""
"""Of the site's pages, pictures show the sheet or the telephone: what surrounds it may print an address that is another at each start of a demo."""
TYPE = """typed => Object.entries(typed).filter(([name, text]) => {
    const input = document.getElementById(name);
    if (!input?.checkVisibility()) return true;
    input.focus();
    input.value = text;
    input.dispatchEvent(new InputEvent("input", {bubbles: true}));
}).map(([name]) => name)"""
"""Types, and answers with the names of the inputs that are not visible."""
MAIL_FRAME = "//iframe/@src"
LINK = "//a/@href"
TELEPHONE = "/demo?to=sms"
"""The page of the mailbox and the telephones without a mail, because none is sent to this name: the newest SMS stand there alone."""
SMS = "//ol[@class='bubbles']/li/p"


class NextStepNotReached(PictureRefused):
    """The site does not lead from one step to the next; the message names the page that it shows instead."""

    def __init__(self, step: Step, following: Step, shown: str) -> None:
        super().__init__(f"no act of {step.code} leads to {following.code}; the screen shows {shown}")


class ElementNotOnPage(PictureRefused):
    """An input or a button that the walk needs is not on the page."""

    def __init__(self, shown: str, missing: Collection[str]) -> None:
        super().__init__(f"{shown}: not on the page: {', '.join(missing)}")


@dataclass
class BrowserWalk:
    """One fictional voter at one page of a browser. `turnings` are the answers that lead on where a step has several."""

    sandbox: SandboxedSite
    browser: ChromiumPage
    turnings: Collection[type[object]] = ()
    _here: ParsedHtmlPage | None = field(default=None, init=False)
    _typed: dict[str, str] = field(default_factory=dict, init=False)
    """All that is typed on the page."""
    _drawn: tuple[ParsedHtmlPage | None, dict[str, str]] = field(default=(None, {}), init=False)
    """The page that the browser shows, and what it was told to type there."""
    _read: ShownPageWords | None = field(default=None, init=False)
    """The words on the page, until something is done there."""
    _has_language: bool = field(default=False, init=False)

    @property
    def language(self) -> Language:
        """The voter's language."""
        return self.sandbox.language

    def begin_new_walk(self, name: str) -> None:
        """Forget the earlier walk."""
        self.sandbox.begin_new_walk(name)
        self._has_language = False

    # ── What is seen ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def page_of_walk(self) -> ParsedHtmlPage:
        """The page of the walk."""
        if self._here is None:
            raise RuntimeError("open a page first")
        return self._here

    @property
    def code(self) -> str:
        """The code of the page's step, or nothing."""
        return self.page_of_walk.meta("step")

    @property
    def refusal(self) -> str:
        """The id of the page's refusal, or nothing."""
        return self.page_of_walk.meta("refusal")

    @property
    def name_of_page(self) -> str:
        """The words by which a page is named to the operator."""
        return self.code or self.refusal or "neither a step nor a refusal"

    def show_page_in_browser(self) -> ChromiumPage:
        """Let the browser show the walk's page, with what is typed there. Raises ElementNotOnPage if that cannot be seen."""
        page, typed = self._drawn
        if page is not self.page_of_walk:
            self.browser.open(self.page_of_walk.address)
            typed = {}
        if typed != self._typed:
            hidden = self.browser.evaluate(TYPE, self._typed)
            if hidden:
                raise ElementNotOnPage(self.name_of_page, hidden)
        self._drawn = self.page_of_walk, {**self._typed}
        return self.browser

    def page_words_in_browser(self) -> ShownPageWords:
        """The words on the page as the browser shows them."""
        if self._read is None:
            self._read = read_page(self.show_page_in_browser(), self.language)
        return self._read

    @property
    def mail(self) -> Frame | None:
        """The mail that is open in the mailbox, if the page is the mailbox."""
        return next(iter(self.show_page_in_browser().inner_frames), None)

    @property
    def sms(self) -> str | None:
        """The newest SMS of the telephone on the page, if there is one."""
        return self.page_of_walk.last_text(SMS)

    def link_of_mail(self) -> str:
        """The address of the open mail's one link."""
        mail = self.page_of_walk.first_address_by_xpath(MAIL_FRAME)
        link = None if mail is None else self.sandbox.request(mail).first_address_by_xpath(LINK)
        if link is None:
            raise LookupError("no mail with a link is open")
        return link

    def visual_state(self) -> list[str]:
        """Return all that decides how the page's sheet looks: its elements, those of the mail in it, and what is typed."""
        browser = self.show_page_in_browser()
        frames = (None, *browser.inner_frames)
        return [words for frame in frames for words in browser.evaluate(LOOK, frame=frame)]

    # ── What is done ─────────────────────────────────────────────────────────────────────────────────────

    def open(self, path: str) -> None:
        """Open a path of the site or a link of a mail; the first visit chooses the language."""
        address = path if path.startswith("http") else self.sandbox.site + path
        if not self._has_language:
            address += f"?lang={self.language}"
        self._has_language = True
        self._go(address)

    def _go(self, address: str, form: Mapping[str, str] | None = None) -> None:
        self._here, self._typed, self._read = self.sandbox.request(address, form), {}, None

    def open_step(self, flow: Flow, step: Step) -> None:
        """Open the path of a step; the site may lead elsewhere."""
        self.open(f"/{flow.slug}/{step.slug}")

    def fill(self, typed: Mapping[str, str]) -> None:
        """Type into the inputs of those names. Raises ElementNotOnPage."""
        missing = self.page_of_walk.missing_inputs(typed)
        if missing:
            raise ElementNotOnPage(self.name_of_page, missing)
        self._type(typed)

    def fill_examples(self, step: Step) -> None:
        """Type the examples into every field on the page."""
        for act in step.actions:
            typed = self.values_to_type(act)
            missing = self.page_of_walk.missing_inputs(typed)
            self._type({name: text for name, text in typed.items() if name not in missing})

    def _type(self, typed: Mapping[str, str]) -> None:
        if typed:
            self._typed.update(typed)
            self._read = None

    def values_to_type(self, action: Action[object]) -> dict[str, str]:
        """Return what the voter types there: the examples, but for a code that has come by SMS."""
        typed = field_examples(action)
        for each in action.fields:
            if each.kind is FieldKind.CODE:
                self.sandbox.deliver_messages()
                come = CODE.search(self.sandbox.last_sms_text)
                typed |= {each.name: come[0]} if come else {}
        return typed

    def press(self, action: Action[object]) -> None:
        """Press the button of an action. Raises ElementNotOnPage."""
        label = fold_spaces(translate(action.label, self.language))
        sent = self.page_of_walk.submission(label, self._typed)
        if sent is None:
            raise ElementNotOnPage(self.name_of_page, [label])
        self._go(*sent)

    def open_message(self, message: MailOrSmsText) -> None:
        """Send the waiting messages and open the voter's newest mail or SMS. Raises PageDiffersFromDefinition if it is another."""
        self.sandbox.deliver_messages()
        if message.channel is Channel.SMS:
            self.open(TELEPHONE)
            for sentence in message.body:
                self.page_words_in_browser().check_shows(message.code, sentence)
            return
        self.open("/demo?" + urlencode({"to": self.sandbox.voter_email}))
        subject, shown = fold_spaces(translate(message.subject, self.language)), self.subject_shown()
        if subject != shown:
            raise PageDiffersFromDefinition(message.code, "the message's subject", subject, shown)

    def subject_shown(self) -> str:
        """The subject of the message that is open."""
        heading = self.page_of_walk.heading_of("letter")
        return "no message" if heading is None else fold_spaces(heading)

    # ── The way on ───────────────────────────────────────────────────────────────────────────────────────

    def go_to_next_step(self, flow: Flow, step: Step) -> None:
        """Go from that step, which is on the page, to the one after it. Raises NextStepNotReached, PageDiffersFromDefinition."""
        following = flow.steps[flow.steps.index(step) + 1]
        if is_mail_or_sms_step(following):
            self.open_message(following.message)
            return
        if is_mail_or_sms_step(step):
            self.open(self.link_of_mail())
        elif isinstance(step, AwaitMessageStep) and not step.actions:
            self.sandbox.deliver_messages()
            self.open_step(flow, following)
        else:
            self._act(step, following)
        if self.code != following.code:
            raise NextStepNotReached(step, following, self.name_of_page)

    def go_from_first_step_to(self, flow: Flow, target_step: Step) -> None:
        """Go to that step from the flow's first one, which is on the page."""
        for step in flow.steps[: flow.steps.index(target_step)]:
            self.go_to_next_step(flow, step)

    def _act(self, step: Step, following: Step) -> None:
        for act in sorted(step.actions, key=lambda act: act.answers not in self.turnings):
            self.fill(self.values_to_type(act))
            self.press(act)
            if self.code in {following.code, ""}:
                return


def is_mail_or_sms_step(step: Step) -> TypeGuard[AwaitMessageStep]:
    """Return whether the step is a message, and no page of the site."""
    return isinstance(step, AwaitMessageStep) and step.elsewhere


def field_examples(action: Action[object]) -> dict[str, str]:
    """Return the examples of an action's fields."""
    return {name: text for each in action.fields for name, text in each.example.items()}
