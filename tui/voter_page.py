"""What the voter sees at a step, drawn from its definition as a small page: the web's words, in the terminal's means."""

from collections.abc import Iterator
from typing import assert_never

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget

from core import words
from core.steps import Act, Ask, Choose, Criterion, Field, FieldKind, Message, Shown, Step, Tell, Wait
from core.text import Text
from core.words import desk
from tui.line import Line
from tui.voice import Voice

BOX, SECRET_BOX, DATE_BOX, YEAR_BOX = " " * 30, "•••".ljust(30), " " * 4, " " * 6


class VoterPage(VerticalScroll):
    """A step as its reader meets it. Nothing can be typed: the voter types."""

    can_focus = True
    explained = desk.VOTER_SEES_EXPLAINED

    def __init__(self, voice: Voice, shown: Shown, id: str = "voter-page") -> None:  # Textual's word
        super().__init__(id=id)
        self.voice = voice
        self.shown = shown

    def compose(self) -> ComposeResult:
        """Code and case, title, sentences, then what can be typed and pressed."""
        yield Line(self._stamp(), "stamp")
        yield self._line(self.shown.step.copy.title, "title")
        for sentence in self.shown.step.copy.voter:
            yield self._line(sentence, "paragraph")
        yield from self._rest(self.shown.step)

    def _stamp(self) -> str:
        parts = [self.voice.say(words.STEP), self.shown.step.code]
        if self.shown.case is not None:
            parts += ["·", self.voice.say(words.CASE), self.shown.case]
        return " ".join(parts)

    def _line(self, text: Text, kind: str) -> Line:
        return Line(self.voice.tell(text, self.shown.facts), kind)

    def _rest(self, step: Step) -> Iterator[Widget]:
        match step:
            case Ask():
                yield from self._act(step.act)
            case Choose():
                for number, act in enumerate(step.acts):
                    if number:
                        yield self._line(words.OR, "or")
                    yield from self._act(act)
            case Wait():
                yield from self._message(step.message)
                for act in step.acts:
                    yield from self._act(act)
            case Tell():
                for act in step.acts:
                    yield from self._act(act)
                if step.message is not None:
                    yield from self._message(step.message)
            case _:
                assert_never(step)

    def _act(self, act: Act[object]) -> Iterator[Widget]:
        for each in act.fields:
            yield from self._field(each)
        yield Line(f" {self.voice.say(act.label)} ", "drawn-button")

    def _field(self, each: Field[object]) -> Iterator[Widget]:
        yield self._line(each.label, "label")
        yield self._line(each.hint, "hint")
        match each.kind:
            case FieldKind.ADDRESS | FieldKind.PHONE | FieldKind.NUMEN | FieldKind.CODE:
                yield Line(BOX, "box")
            case FieldKind.SECRET:
                yield Line(SECRET_BOX, "box")
            case FieldKind.BIRTH_DATE:
                yield from self._birth_date()
            case FieldKind.NEW_SECRET:
                yield Line(SECRET_BOX, "box")
                yield from map(self._criterion, each.criteria)
                if each.again is not None:
                    yield self._line(each.again, "label")
                    yield Line(SECRET_BOX, "box")
            case _:
                assert_never(each.kind)

    def _birth_date(self) -> Iterator[Widget]:
        for label, box in ((words.DAY, DATE_BOX), (words.MONTH, DATE_BOX), (words.YEAR, YEAR_BOX)):
            yield self._line(label, "hint")
            yield Line(box, "box")

    def _criterion(self, rule: Criterion) -> Line:
        return Line(f"○ {self.voice.say(rule.sentence)}", "hint")

    def _message(self, message: Message) -> Iterator[Widget]:
        yield self._line(words.MESSAGE_SUBJECT, "label")
        yield self._line(message.subject, "subject")
