"""What a message on the caller's screen means: why it comes and where, beside the message as its reader has it."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core import words
from core.service.desk.explaining import Explained, MetAt
from core.words import desk, guides
from tui.line import Line
from tui.voice import Voice
from tui.voter_page import VoterPage


class Meaning(VerticalScroll):
    """The agent's side: the cause, what to do, the steps where it is met."""

    can_focus = True
    explained = desk.MEANING_EXPLAINED

    def __init__(self, voice: Voice, found: Explained) -> None:
        super().__init__(id="meaning")
        self.voice = voice
        self.found = found

    def compose(self) -> ComposeResult:
        """One heading after the other; what stands on the voter's page already is not repeated."""
        voice, found = self.voice, self.found
        if found.cause is not None:
            yield Line(voice.say(guides.CAUSE), "heading")
            yield Line(voice.tell(found.cause), "say")
        if not found.on_its_page:
            yield Line(voice.say(guides.REMEDY), "heading")
            yield from (Line(voice.say(each), "say") for each in found.remedies)
        if found.places:
            yield Line(voice.say(guides.SEEN_AT), "heading")
            yield OptionList(*map(self._option, found.places), markup=False)

    def _option(self, place: MetAt) -> Option:
        return Option(f"{place.code}  {self.voice.say(place.title)}", id=place.code)


class MessagePage(VoterPage):
    """The voter's side: a page of refusal, or the line beside a field."""

    def __init__(self, voice: Voice, found: Explained) -> None:
        super().__init__(voice)
        self.found = found

    def compose(self) -> ComposeResult:
        """As it is read."""
        yield Line(self.voice.say(desk.VOTER_READS), "stamp")
        yield from self._page() if self.found.on_its_page else self._beside_a_field()

    def _page(self) -> Iterator[Widget]:
        yield self._line(self.found.sentence, "title")
        for remedy in self.found.remedies:
            yield self._line(remedy, "paragraph")
        yield Line(f" {self.voice.say(words.BACK_HOME)} ", "drawn-button")

    def _beside_a_field(self) -> Iterator[Widget]:
        yield Line(f"{self.voice.say(words.ERROR)} {self.voice.say(self.found.sentence)}", "title")
