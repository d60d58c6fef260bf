"""Walks through a flow in a browser, as a voter does."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeGuard
from urllib.parse import urlencode

from playwright.sync_api import Error, Frame, Page

from core.flows.picture_browser import PictureScenarios, PictureSite
from core.forms.flow_model import (
    Action,
    AwaitMessageStep,
    Channel,
    FieldKind,
    FieldMistakeExample,
    FieldRejected,
    Flow,
    MailOrSmsText,
    Step,
)
from core.text.text import Language
from core.text.translation import translate
from guides.interruption import raise_if_interrupted
from guides.pictures import PictureRefused
from guides.pictures.definition_check import PageDiffersFromDefinition, ShownPageWords, fold_spaces, read_page

CODE = re.compile(r"\b\d{6}\b")
NETWORK_CHANGED = "ERR_NETWORK_CHANGED"
META_SCRIPT = "name => document.querySelector(`meta[name=${name}]`)?.content ?? ''"
TYPE_SCRIPT = """typed => Object.entries(typed).filter(([name, text]) => {
    const input = document.getElementById(name);
    if (!input?.checkVisibility()) return true;
    input.focus();
    input.value = text;
    input.dispatchEvent(new InputEvent("input", {bubbles: true}));
}).map(([name]) => name)"""
"""JavaScript that fills in inputs, and returns the names of inputs that are missing or hidden."""
TELEPHONE = "/demo?to=sms"
MANY = 50
"""A number of attempts that exceeds every limit."""


class NextStepNotReached(PictureRefused):
    def __init__(self, step: Step, following: Step, shown: str) -> None:
        super().__init__(f"no action of {step.code} leads to {following.code}; the page shows {shown}")


class ElementNotOnPage(PictureRefused):
    """Raised when the page lacks an input or a button that the walk needs."""

    def __init__(self, shown: str, missing: Collection[str]) -> None:
        super().__init__(f"{shown}: not on the page: {', '.join(missing)}")


class RefusalNotReached(PictureRefused):
    """Raised when no scenario makes the site show the refusal."""

    def __init__(self, refusal: str, shown: str = "") -> None:
        super().__init__(f"{refusal}: the page shows {shown}" if shown else f"{refusal}: no scenario leads to it")


@dataclass
class FlowWalk:
    """A fictional voter in a browser. The first of the `flows` must be open to any voter."""

    site: PictureSite
    page: Page
    flows: Sequence[Flow]
    flow: Flow
    scenarios: PictureScenarios
    _closed_by: str = field(default="", init=False)
    """Id of the refusal shown instead of the first step. Empty if the first step is shown."""

    # ── Reading the page ─────────────────────────────────────────────────────────────────────────────────

    @property
    def language(self) -> Language:
        return self.site.language

    @property
    def code(self) -> str:
        return str(self.page.evaluate(META_SCRIPT, "step"))

    @property
    def refusal(self) -> str:
        return str(self.page.evaluate(META_SCRIPT, "refusal"))

    @property
    def name_of_page(self) -> str:
        return self.code or self.refusal or "neither a step nor a refusal"

    def page_words(self) -> ShownPageWords:
        return read_page(self.page, self.language)

    @property
    def mail(self) -> Frame | None:
        return next(iter(self.page.main_frame.child_frames), None)

    @property
    def sms(self) -> str | None:
        texts = self.page.locator("ol.bubbles > li > p").all_text_contents()
        return fold_spaces(texts[-1]) if texts else None

    def subject_shown(self) -> str:
        headings = self.page.locator("#letter h2").all_text_contents()
        return fold_spaces(headings[0]) if headings else "no message"

    def link_of_mail(self) -> str:
        """Return the link in the open email. Raises LookupError."""
        links = [] if self.mail is None else self.mail.locator("a[href]").all()
        if not links:
            raise LookupError("no mail with a link is open")
        return links[0].get_attribute("href") or ""

    # ── Using the page ───────────────────────────────────────────────────────────────────────────────────

    def begin_new_walk(self, name: str) -> None:
        self.page.context.clear_cookies()
        self.site.begin_new_walk(f"{self.flow.slug}: {name}")

    def open(self, path: str) -> None:
        address = path if path.startswith("http") else self.site.address + path
        if not self.page.context.cookies():
            address += f"?lang={self.language}"

        def go() -> None:
            self.page.goto(address)

        self._navigate(go, again=go)

    @staticmethod
    def _navigate(leave: Callable[[], object], *, again: Callable[[], object]) -> None:
        raise_if_interrupted()
        try:
            leave()
        except Error as failed:
            if NETWORK_CHANGED not in failed.message:
                raise
            again()

    def open_step(self, step: Step) -> None:
        self.open(f"/{self.flow.slug}/{step.slug}")

    def fill(self, typed: Mapping[str, str]) -> None:
        """Type each value into the input with that name. Raises ElementNotOnPage."""
        missing = self.page.evaluate(TYPE_SCRIPT, typed)
        if missing:
            raise ElementNotOnPage(self.name_of_page, missing)

    def fill_examples(self, step: Step) -> None:
        for action in step.actions:
            self.page.evaluate(TYPE_SCRIPT, self.values_to_type(action))

    def values_to_type(self, action: Action[object]) -> dict[str, str]:
        """Return example values for an action's fields. Security codes come from the newest SMS."""
        typed = field_examples(action)
        for each in action.fields:
            if each.kind is FieldKind.CODE:
                self.site.deliver_messages()
                come = CODE.search(self.site.last_sms_text)
                typed |= {each.name: come[0]} if come else {}
        return typed

    def press(self, action: Action[object]) -> None:
        label = fold_spaces(translate(action.label, self.language))
        button = self.page.get_by_role("main").get_by_role("button", name=label, exact=True)
        if button.count() != 1:
            raise ElementNotOnPage(self.name_of_page, [label])

        def press() -> None:
            with self.page.expect_navigation():
                button.click()

        self._navigate(press, again=self.page.reload)

    def fill_in_and_press(self, action: Action[object]) -> None:
        self.fill(field_examples(action))
        self.press(action)

    def open_message(self, message: MailOrSmsText) -> None:
        """Deliver all messages and open the newest. Raises PageDiffersFromDefinition."""
        self.site.deliver_messages()
        if message.channel is Channel.SMS:
            self.open(TELEPHONE)
            for sentence in message.body:
                self.page_words().check_shows(message.code, sentence)
            return
        self.open("/demo?" + urlencode({"to": self.site.voter_email}))
        subject, shown = fold_spaces(translate(message.subject, self.language)), self.subject_shown()
        if subject != shown:
            raise PageDiffersFromDefinition(message.code, "the message's subject", subject, shown)

    # ── Going from step to step ──────────────────────────────────────────────────────────────────────────

    def is_side_step(self, step: Step) -> bool:
        """Return whether the usual way through the flow skips this step."""
        return _answer_at(step) in self.scenarios.side_steps

    @property
    def last_step(self) -> Step:
        return [step for step in self.flow.steps if not self.is_side_step(step)][-1]

    def go_to_first_step(self) -> None:
        """Go to the first step. If the site refuses, play the example of this refusal."""
        if not self._closed_by:
            self.open_step(self.flow.steps[0])
            self._closed_by = self.refusal
        if self._closed_by:
            self.scenarios.entrances[self._closed_by](self)

    def go_to_step(self, step: Step) -> None:
        self.go_to_first_step()
        target = self.last_step if self.is_side_step(step) else step
        for each in self.flow.steps[: self.flow.steps.index(target)]:
            self.go_to_next_step(each)
        if self.is_side_step(step):
            self.scenarios.side_steps[_answer_at(step)](self)
            self.open_step(step)

    def go_to_next_step(self, step: Step) -> None:
        """Go to the step after `step`. Raises NextStepNotReached or PageDiffersFromDefinition."""
        following = self.flow.steps[self.flow.steps.index(step) + 1]
        if is_mail_or_sms_step(following):
            self.open_message(following.message)
            return
        if is_mail_or_sms_step(step):
            self.open(self.link_of_mail())
        elif isinstance(step, AwaitMessageStep) and not step.actions:
            self.site.deliver_messages()
            self.open_step(following)
        else:
            self._try_actions(step, following)
        if self.code != following.code:
            raise NextStepNotReached(step, following, self.name_of_page)

    def _try_actions(self, step: Step, following: Step) -> None:
        for action in sorted(step.actions, key=lambda each: each.answers not in self.scenarios.leads_on):
            self.fill(self.values_to_type(action))
            self.press(action)
            if self.code in {following.code, ""}:
                return

    def wait_for_actions(self, step: Step) -> None:
        """Set the site's clock forward until all actions of a step are available."""
        pauses = [self.scenarios.pauses[each.answers] for each in step.actions if each.answers in self.scenarios.pauses]
        rules = self.site.dependencies
        self.site.set_clock(rules.clock.now() + max((pause(rules.policy) for pause in pauses), default=timedelta()))
        self.open_step(step)

    def let_desk_answer_in_writing(self) -> None:
        self.scenarios.answers[self.flow.slug](self)

    # ── Going to a refusal ───────────────────────────────────────────────────────────────────────────────

    def go_to_refusal(self, refusal: str, step: Step) -> None:
        """Make the site show a refusal at a step. Raises RefusalNotReached."""
        if refusal not in self.scenarios.refusals:
            raise RefusalNotReached(refusal)
        self.scenarios.refusals[refusal](self, step)
        if self.refusal != refusal:
            raise RefusalNotReached(refusal, self.name_of_page)

    def go_until_refused(self) -> None:
        for step in self.flow.steps:
            if self.refusal:
                return
            action = min(step.actions, key=lambda each: each.answers not in self.scenarios.leads_on)
            self.fill(self.values_to_type(action))
            self.press(action)

    def repeat_mistake(self, error: type[FieldRejected]) -> None:
        step, action, mistake = next(
            (step, action, mistake)
            for step in self.flow.steps
            for action, mistake in input_mistakes_of(step)
            if mistake.error is error
        )
        self.go_to_step(step)
        for _ in range(MANY):
            self.fill({**field_examples(action), **mistake.typed})
            self.press(action)
            if self.refusal:
                return

    def walk_to_recovery_link(self) -> str:
        self.go_to_step(next(step for step in self.flow.steps if is_mail_or_sms_step(step)))
        return self.link_of_mail()

    def in_first_flow(self) -> "FlowWalk":
        return replace(self, flow=self.flows[0])


def is_mail_or_sms_step(step: Step) -> TypeGuard[AwaitMessageStep]:
    """Return whether the step is an email or SMS, not a page of the site."""
    return isinstance(step, AwaitMessageStep) and step.elsewhere


def field_examples(action: Action[object]) -> dict[str, str]:
    return {name: text for each in action.fields for name, text in each.example.items()}


def input_mistakes_of(step: Step) -> Iterator[tuple[Action[object], FieldMistakeExample]]:
    """Yield (action, mistake) pairs for all example mistakes of this step."""
    for action in step.actions:
        for each in action.fields:
            for mistake in each.mistakes:
                yield action, mistake


def _answer_at(step: Step) -> type[object]:
    return step.actions[0].answers if step.actions else type(None)
