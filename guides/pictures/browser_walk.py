"""The way through a flow, found from its definition: types the examples, presses the acts, reads the messages."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard
from urllib.parse import urlencode

from core.forms.flow_model import Action, AwaitMessageStep, FieldKind, Flow, MailOrSmsText, Step
from core.text.text import Language
from core.text.translation import translate
from guides.pictures import PictureRefused
from guides.pictures.chromium_page import ChromiumPage, Frame
from guides.pictures.page_definition_check import PageDiffersFromDefinition, ShownPageWords, fold_spaces, read_page
from guides.pictures.sandbox import Sandbox

CODE = re.compile(r"\b\d{6}\b")
LOOK = """() => [
    document.documentElement.outerHTML,
    ...[...document.querySelectorAll("input, select")].map(each => each.value),
]"""
TYPE = """typed => Object.entries(typed).filter(([name, text]) => {
    const input = document.getElementById(name);
    if (!input?.checkVisibility()) return true;
    input.focus();
    input.value = text;
    input.dispatchEvent(new InputEvent("input", {bubbles: true}));
}).map(([name]) => name)"""
"""Types, and answers with the names of the inputs that are not there."""
PRESS = """label => {
    const plain = text => text.replace(/\\s+/g, " ").trim();
    const buttons = [...document.querySelectorAll("main button")];
    const found = buttons.filter(each => each.checkVisibility() && plain(each.innerText) === label);
    if (found.length === 1) found[0].click();
    return found.length === 1;
}"""
"""Presses the button of that label, and answers whether there is exactly one."""


class NextStepNotReached(PictureRefused):
    """The site does not lead from one step to the next; the message names the page that it shows instead."""

    def __init__(self, step: Step, following: Step, screen: ShownPageWords) -> None:
        shown = screen.code or screen.refusal or "neither a step nor a refusal"
        super().__init__(f"no act of {step.code} leads to {following.code}; the screen shows {shown}")


class ElementNotOnPage(PictureRefused):
    """An input or a button that the walk needs is not on the page."""

    def __init__(self, screen: ShownPageWords, missing: Collection[str]) -> None:
        super().__init__(f"{screen.code or screen.refusal}: not on the page: {', '.join(missing)}")


@dataclass
class BrowserWalk:
    """One fictional voter at one page of a browser. `turnings` are the answers that lead on where a step has several."""

    stage: Sandbox
    page: ChromiumPage
    turnings: Collection[type[object]] = ()
    _read: ShownPageWords | None = field(default=None, init=False)
    """The words on the page, until something is done there."""
    _has_language: bool = field(default=False, init=False)

    @property
    def language(self) -> Language:
        """The voter's language."""
        return self.stage.language

    def begin(self, name: str) -> None:
        """Forget the earlier walk, in the sandbox and in the browser."""
        self.stage.begin(name)
        self.page.send("Network.clearBrowserCookies")
        self._has_language = False

    # ── What is seen ─────────────────────────────────────────────────────────────────────────────────────

    def page_under_check(self) -> ShownPageWords:
        """The words on the page."""
        if self._read is None:
            self._read = read_page(self.page, self.language)
        return self._read

    @property
    def mail(self) -> Frame | None:
        """The mail that is open in the mailbox, if the page is the mailbox."""
        return next(iter(self.page.inner_frames), None)

    def link_of_mail(self) -> str:
        """The address of the open mail's one link."""
        frame = self.mail
        link: str | None = (
            None if frame is None else self.page.evaluate("() => document.querySelector('a')?.href", frame=frame)
        )
        if link is None:
            raise LookupError("no mail with a link is open")
        return link

    def visual_state(self) -> list[str]:
        """Return all that decides how the page looks: its elements, those of the mail in it, and what is typed."""
        frames = (None, *self.page.inner_frames)
        return [words for frame in frames for words in self.page.evaluate(LOOK, frame=frame)]

    # ── What is done ─────────────────────────────────────────────────────────────────────────────────────

    def open(self, path: str) -> None:
        """Open a path of the site or a link of a mail; the first visit chooses the language."""
        address = path if path.startswith("http") else self.stage.site + path
        if not self._has_language:
            address += f"?lang={self.language}"
        self._read, self._has_language = None, True
        self.page.open(address)

    def open_step(self, flow: Flow, step: Step) -> None:
        """Open the path of a step; the site may lead elsewhere."""
        self.open(f"/{flow.slug}/{step.slug}")

    def fill(self, typed: Mapping[str, str]) -> None:
        """Type into the inputs of those names. Raises ElementNotOnPage."""
        missing = self._type(typed)
        if missing:
            raise ElementNotOnPage(self.page_under_check(), missing)

    def fill_examples(self, step: Step) -> None:
        """Type the examples into every field on the page."""
        for act in step.actions:
            self._type(self.values_to_type(act))

    def _type(self, typed: Mapping[str, str]) -> Collection[str]:
        """Type into the inputs that are there; return the names of the others."""
        if not typed:
            return ()
        self._read = None
        missing: list[str] = self.page.evaluate(TYPE, typed)
        return missing

    def values_to_type(self, action: Action[object]) -> dict[str, str]:
        """Return what the voter types there: the examples, but for a code that has come by SMS."""
        typed = field_examples(action)
        for each in action.fields:
            if each.kind is FieldKind.CODE:
                self.stage.deliver_messages()
                come = CODE.search(self.stage.last_sms_text)
                typed |= {each.name: come[0]} if come else {}
        return typed

    def press(self, action: Action[object]) -> None:
        """Press the button of an action and wait for the next page. Raises ElementNotOnPage."""
        label = fold_spaces(translate(action.label, self.language))
        if not self.page.press(PRESS, label):
            raise ElementNotOnPage(self.page_under_check(), [label])
        self._read = None

    def open_message(self, message: MailOrSmsText) -> None:
        """Send the waiting messages and open the voter's newest mail. Raises PageDiffersFromDefinition if it is another."""
        self.stage.deliver_messages()
        self.open("/demo?" + urlencode({"to": self.stage.voter_email}))
        subject, shown = fold_spaces(translate(message.subject, self.language)), self.subject_shown()
        if subject != shown:
            raise PageDiffersFromDefinition(message.code, "the message's subject", subject, shown)

    def subject_shown(self) -> str:
        """The subject of the message that is open."""
        heading: str | None = self.page.evaluate("() => document.querySelector('#letter h2')?.innerText")
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
            self.stage.deliver_messages()
            self.open_step(flow, following)
        else:
            self._act(step, following)
        self._require(step, following)

    def go_from_first_step_to(self, flow: Flow, target_step: Step) -> None:
        """Go to that step from the flow's first one, which is on the page."""
        for step in flow.steps[: flow.steps.index(target_step)]:
            self.go_to_next_step(flow, step)

    def _act(self, step: Step, following: Step) -> None:
        for act in sorted(step.actions, key=lambda act: act.answers not in self.turnings):
            self.fill(self.values_to_type(act))
            self.press(act)
            if self.page_under_check().code in {following.code, ""}:
                return

    def _require(self, step: Step, following: Step) -> None:
        screen = self.page_under_check()
        if screen.code != following.code:
            raise NextStepNotReached(step, following, screen)


def is_mail_or_sms_step(step: Step) -> TypeGuard[AwaitMessageStep]:
    """Return whether the step is a message, and no page of the site."""
    return isinstance(step, AwaitMessageStep) and step.elsewhere


def field_examples(action: Action[object]) -> dict[str, str]:
    """Return the examples of an action's fields."""
    return {name: text for each in action.fields for name, text in each.example.items()}
