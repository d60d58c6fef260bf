"""What a screen shows, held against the definition. Nothing here names a step, a label or a limit."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from playwright.sync_api import Page

from core import words
from core.example import UNKNOWN as LEFT_OPEN
from core.i18n import say
from core.steps import Act, Field, FieldKind, Step, inputs_of
from core.text import Language, Text
from guides.pictures import PictureRefused

UNKNOWN = "\ue000"
"""Stands for a value the definition does not know: an address, a time."""
NAME = re.compile(r"\{(\w+)\}")
READ_THE_SCREEN = """() => {
    const all = (selector, name, words = each => each.innerText) =>
        [...document.querySelectorAll(selector)].map(each => [name(each), words(each)]);
    const named = name => document.querySelector(`meta[name=${name}]`)?.content ?? "";
    return Object.fromEntries([
        ["code", named("step")],
        ["refusal", named("refusal")],
        ["case", named("case")],
        ["language", document.documentElement.lang],
        ...all("main", () => "main"),
        ...all("h1", () => "title"),
        ...all(".stamp", () => "stamp"),
        ...all("main button", each => "button:" + each.innerText.trim()),
        ...all("label", each => "label:" + each.htmlFor),
        ...all("legend", each => "legend:" + each.parentNode.querySelector("input").id),
        ...all("main [id]", each => "#" + each.id),
        ...all("[data-counts]", each => "rule:" + each.id, each => each.firstChild.data),
    ]);
}"""


class Differs(PictureRefused):
    """The screen does not show what the definition says. Names the step, the thing, what is expected and what is shown."""

    def __init__(self, where: str, what: str, expected: str, shown: str) -> None:
        super().__init__(f"{where}: {what} should read « {expected} », the screen shows « {shown} »")


def plain(text: str) -> str:
    """White space folded, no-break spaces too."""
    return " ".join(text.split())


def pattern(text: Text, language: Language) -> re.Pattern[str]:
    """What a screen prints for that sentence, its unknown values left open."""
    names = NAME.findall(text.msgid + (text.plural or ""))
    said = plain(say(text.fill(dict.fromkeys(names, UNKNOWN)), language))
    return re.compile(".+?".join(re.escape(part) for part in said.split(UNKNOWN)))


def not_yet(act: Act[object]) -> Text:
    """What stands in the place of a button that is not open yet."""
    return words.AGAIN_FROM.fill({"act": act.label})


@dataclass(frozen=True)
class Screen:
    """The words of one page, by what they are."""

    words: Mapping[str, str]
    language: Language

    @property
    def code(self) -> str:
        """The code of the step on it, or nothing."""
        return self.words["code"]

    @property
    def refusal(self) -> str:
        """The id of the refusal on it, or nothing."""
        return self.words["refusal"]

    @property
    def case(self) -> str:
        """The case number, or nothing."""
        return self.words["case"]

    def shows(self, text: Text) -> bool:
        """Whether that sentence is there."""
        return pattern(text, self.language).search(self.words.get("main", "")) is not None

    def hold(self, step: Step) -> None:
        """Against the definition: code, title, labels, hints, rules and buttons. Raises Differs."""
        for what, expected in self._expected(step):
            self._holds(step, what, expected)
        for act in step.acts:
            self._holds_button(step, act)

    def hold_sentences(self, where: str, printed: Iterable[str]) -> None:
        """All that the text beside the picture says at that place, with its times and counts. Raises Differs."""
        shown = self.words.get("main", "")
        for sentence in map(plain, printed):
            known = map(re.escape, sentence.split(LEFT_OPEN))
            if not re.search(".+?".join(known), shown):
                raise Differs(where, "a sentence", sentence, shown)

    def _expected(self, step: Step) -> Iterator[tuple[str, Text]]:
        yield "code", Text(step.code)
        yield "language", Text(self.language.value)
        yield "title", step.copy.title
        for each in chain.from_iterable(act.fields for act in step.acts):
            yield from _expected_of(each)

    def _holds(self, step: Step, what: str, expected: Text) -> None:
        shown = self.words.get(what, "")
        if not pattern(expected, self.language).fullmatch(shown):
            raise Differs(step.code, what, said_open(expected, self.language), shown)

    def _holds_button(self, step: Step, act: Act[object]) -> None:
        label = said_open(act.label, self.language)
        if f"button:{label}" in self.words or self.shows(not_yet(act)):
            return
        buttons = (name.removeprefix("button:") for name in self.words if name.startswith("button:"))
        raise Differs(step.code, f"button:{act.name}", label, ", ".join(buttons))


def _expected_of(each: Field[object]) -> Iterator[tuple[str, Text]]:
    labels = [each.label] if each.again is None else [each.label, each.again]
    if each.kind is FieldKind.BIRTH_DATE:
        yield f"legend:{inputs_of(each)[0]}", each.label
        labels = [words.DAY, words.MONTH, words.YEAR]
    for name, label in zip(inputs_of(each), labels, strict=True):
        yield f"label:{name}", label
    yield f"#{each.name}-hint", each.hint
    for rule in each.criteria:
        yield f"rule:{each.name}-{rule.name}", rule.sentence


def said_open(text: Text, language: Language) -> str:
    """The sentence with the names of its unknown values left in it."""
    names = NAME.findall(text.msgid + (text.plural or ""))
    return plain(say(text.fill({name: f"{{{name}}}" for name in names}), language))


def read_screen(page: Page, language: Language) -> Screen:
    """What the page shows. A script adds the reader's own time to the election's; it is left out."""
    read = page.evaluate(READ_THE_SCREEN)
    own_time = re.compile(rf", [^,]*? {re.escape(plain(say(words.YOUR_TIME, language)))}")
    return Screen({plain(name): own_time.sub("", plain(text)) for name, text in read.items()}, language)
