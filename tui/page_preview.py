"""A preview of the web page that the voter sees at a step."""

from collections.abc import Iterator
from typing import assert_never

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget

from core.desk.steps import MessageContent, StepView, is_message
from core.forms.flow_model import AskStep, AwaitMessageStep, ChooseStep, Field, FieldKind, FinalStep, Step
from core.forms.required_fields_sentence import required_sentence
from core.text.faces import desk_terminal_texts
from core.text.faces import page_frame_texts as words
from core.text.text import Language, Text
from tui.agent_script import CollapsedCommonProblem
from tui.plain_text_line import PlainTextLine, pane
from tui.translator import Translator

TICK_BOX = "☐ "
OPTION = Text("○ {label}")
BOX, SECRET_BOX, DATE_BOX, YEAR_BOX = " " * 30, "•••".ljust(30), " " * 4, " " * 6


class VoterPagePreview(VerticalScroll):
    can_focus = True
    help_text = desk_terminal_texts.VOTER_SEES_EXPLAINED

    def __init__(
        self,
        translator: Translator,
        language: Language | None = None,
        title: Text = desk_terminal_texts.VOTER_READS,
    ) -> None:
        super().__init__(id="voter-page")
        pane(self, translator.say(title))
        self.title = title
        self.agent_translator = translator
        self.translator = Translator(language or translator.language, translator.election)

    def watch_show_vertical_scrollbar(self) -> None:
        cut = desk_terminal_texts.MORE_BELOW.fill({"title": self.title})
        self.border_title = self.agent_translator.say(cut if self.show_vertical_scrollbar else self.title)

    def text_line(self, text: Text, css_class: str) -> PlainTextLine:
        return PlainTextLine(self.translator.say_highlighted(text), css_class)

    def drawn_button(self, label: Text) -> PlainTextLine:
        return PlainTextLine(self.translator.say(label), "drawn-button")


class StepPagePreview(VoterPagePreview):
    def __init__(self, translator: Translator, view: StepView, step: Step) -> None:
        texts = desk_terminal_texts
        super().__init__(
            translator, view.page.language, texts.VOTER_READS_IN_MAILBOX if is_message(step) else texts.VOTER_READS
        )
        self.view = view
        self.step = step

    def compose(self) -> ComposeResult:
        view, message = self.view, self.view.page.message
        if is_message(self.step) and message is not None:
            yield PlainTextLine(f"{self.translator.say(words.STEP)} {view.code}", "stamp")
            yield self.text_line(view.page.title, "title")
            yield from (self.text_line(sentence, "paragraph") for sentence in view.page.body)
            yield from self._message(message)
            yield from self._problems()
            return
        yield from self._page()
        if message is not None:
            awaited = desk_terminal_texts.ARRIVES if isinstance(self.step, FinalStep) else desk_terminal_texts.AWAITED
            yield PlainTextLine(self.agent_translator.say(awaited.fill({"step": message.code})), "heading")
            yield from self._message(message)

    def _page(self) -> Iterator[Widget]:
        page = self.view.page
        yield from (self.text_line(notice, "notice") for notice in page.notices)
        say = self.translator.say
        stamp = [f"{say(words.STEP)} {self.view.code}"]
        if page.position is not None:
            stamp.append(say(page.position))
        if page.case is not None:
            stamp.append(f"{say(words.CASE)} {page.case}")
        yield PlainTextLine(" · ".join(stamp), "stamp")
        yield self.text_line(page.title, "title")
        yield from (self.text_line(sentence, "paragraph") for sentence in page.body)
        yield from (self.text_line(link, "link") for link in page.links)
        match self.step:
            case AskStep() | FinalStep() | ChooseStep():
                yield from self._actions()
                yield from self._problems()
            case AwaitMessageStep():
                if page.delay is not None:
                    yield self.text_line(page.delay, "notice")
                if page.message is not None:
                    yield self.text_line(page.message.label, "label")
                    yield self.text_line(page.message.subject, "subject")
                yield from self._problems()
                yield from self._actions()
            case _:
                assert_never(self.step)

    def _problems(self) -> Iterator[CollapsedCommonProblem]:
        lines = [
            line
            for each in self.view.page.problems
            for line in (self.text_line(each.symptom, "label"), self.text_line(each.advice, ""))
        ]
        if lines:
            title = self.translator.say(words.TROUBLES)
            yield CollapsedCommonProblem(*lines, title=title, collapsed=not isinstance(self.step, AwaitMessageStep))

    def _actions(self) -> Iterator[Widget]:
        shown = [action for action in self.step.actions if action.name in self.view.page.actions]
        for number, action in enumerate(shown):
            if action.when is not None and (number or isinstance(self.step, AwaitMessageStep | FinalStep)):
                yield self.text_line(action.when, "when")
            if (required := required_sentence(action)) is not None:
                yield self.text_line(required, "hint")
            for each in action.fields:
                yield from self._field(each)
            yield self.drawn_button(action.label)
        yield from (self.text_line(sentence, "not-yet") for sentence in self.view.page.not_yet)

    def _field(self, each: Field[object]) -> Iterator[Widget]:
        tick = TICK_BOX if each.kind is FieldKind.CHECK else ""
        yield PlainTextLine(f"{tick}{self.translator.say(each.label)}", "label")
        yield self.text_line(each.hint, "hint")
        match each.kind:
            case FieldKind.CHECK:
                pass  # drawn before its label
            case FieldKind.ADDRESS | FieldKind.PHONE | FieldKind.NUMEN | FieldKind.CODE | FieldKind.CASE_NUMBER:
                yield PlainTextLine(BOX, "box")
            case FieldKind.SECRET:
                yield PlainTextLine(SECRET_BOX, "box")
            case FieldKind.BIRTH_DATE:
                for label, box in ((words.DAY, DATE_BOX), (words.MONTH, DATE_BOX), (words.YEAR, YEAR_BOX)):
                    yield self.text_line(label, "hint")
                    yield PlainTextLine(box, "box")
            case FieldKind.CHOICE:
                yield from (self.text_line(OPTION.fill({"label": one.label}), "hint") for one in each.options)
            case FieldKind.NEW_SECRET:
                yield PlainTextLine(SECRET_BOX, "box")
                yield from (PlainTextLine(f"○ {self.translator.say(rule.sentence)}", "hint") for rule in each.criteria)
                if each.again is not None:
                    yield self.text_line(each.again, "label")
                    yield PlainTextLine(SECRET_BOX, "box")
            case _:
                assert_never(each.kind)

    def _message(self, message: MessageContent) -> Iterator[Widget]:
        yield self.text_line(message.label, "label")
        yield self.text_line(message.subject, "subject")
        for sentence in message.body:
            yield self.text_line(sentence, "paragraph")
        for link in (message.action, message.stop):
            if link is not None:
                yield self.drawn_button(link)
        for sentence in message.after:
            yield self.text_line(sentence, "after")
