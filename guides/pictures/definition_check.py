"""Checks that the texts on a page match the definition of the step."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from playwright.sync_api import Page

from core.flows.example_facts import UNKNOWN as LEFT_OPEN
from core.forms.flow_model import Action, FieldKind, Step, input_names, later_action_sentence
from core.text.faces import page_frame_texts as words
from core.text.text import Language, Text
from core.text.translation import translate
from guides.pictures import PictureRefused
from guides.step_element_numbers import pictured_actions

UNKNOWN = "\ue000"
"""Stands for a value that the definition does not contain, such as a time."""
NAME = re.compile(r"\{(\w+)\}")
ADDRESS_BEHIND_WORDS = re.compile(r" ?: \S+://\S+")
"""Matches an address after a colon. Pages turn the words before the colon into a link."""
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


class PageDiffersFromDefinition(PictureRefused):
    def __init__(self, where: str, what: str, expected: str, shown: str) -> None:
        super().__init__(f"{where}: {what} should read « {expected} », but the page shows « {shown} »")


def fold_spaces(text: str) -> str:
    return " ".join(text.split())


def sentence_pattern(text: Text, language: Language) -> re.Pattern[str]:
    """Return a pattern for a translated sentence. A placeholder matches any text."""
    names = NAME.findall(text.msgid + (text.plural or ""))
    said = fold_spaces(translate(text.fill(dict.fromkeys(names, Text(UNKNOWN))), language))
    return re.compile(".+?".join(re.escape(part) for part in said.split(UNKNOWN)))


@dataclass(frozen=True)
class ShownPageWords:
    """The texts on a page. Keys are names such as "title" or "label:<input>"."""

    words: Mapping[str, str]
    language: Language

    @property
    def code(self) -> str:
        """Code of the step on the page. Empty if the page shows no step."""
        return self.words["code"]

    @property
    def refusal(self) -> str:
        return self.words["refusal"]

    @property
    def case(self) -> str:
        return self.words["case"]

    def shows(self, text: Text) -> bool:
        return sentence_pattern(text, self.language).search(self.words.get("main", "")) is not None

    def check_shows(self, where: str, text: Text) -> None:
        if not self.shows(text):
            expected = sentence_with_placeholders(text, self.language)
            raise PageDiffersFromDefinition(where, "a sentence", expected, self.words.get("main", ""))

    def check(self, step: Step) -> None:
        """Raise PageDiffersFromDefinition if a text differs from the step's definition."""
        for what, expected in _expected(step, self.language):
            shown = self.words.get(what, "")
            if not sentence_pattern(expected, self.language).fullmatch(shown):
                said = sentence_with_placeholders(expected, self.language)
                raise PageDiffersFromDefinition(step.code, what, said, shown)
        for act in pictured_actions(step):
            self._check_button(step, act)

    def check_sentences(self, page_part: str, printed_sentences: Iterable[str]) -> None:
        """Raise PageDiffersFromDefinition if one of the sentences is not on the page."""
        shown = self.words.get("main", "")
        for sentence in map(fold_spaces, printed_sentences):
            known = map(re.escape, ADDRESS_BEHIND_WORDS.sub("", sentence).split(LEFT_OPEN))
            if not re.search(".+?".join(known), shown):
                raise PageDiffersFromDefinition(page_part, "a sentence", sentence, shown)

    def _check_button(self, step: Step, act: Action[object]) -> None:
        label = sentence_with_placeholders(act.label, self.language)
        if f"button:{label}" in self.words or self.shows(later_action_sentence(act)):
            return
        buttons = (name.removeprefix("button:") for name in self.words if name.startswith("button:"))
        raise PageDiffersFromDefinition(step.code, f"button:{act.name}", label, ", ".join(buttons))


def _expected(step: Step, language: Language) -> Iterator[tuple[str, Text]]:
    yield "code", Text(step.code)
    yield "language", Text(language.value)
    yield "title", step.copy.title
    for each in chain.from_iterable(act.fields for act in step.actions):
        labels = [each.label] if each.again is None else [each.label, each.again]
        if each.kind is FieldKind.BIRTH_DATE:
            yield f"legend:{input_names(each)[0]}", each.label
            labels = [words.DAY, words.MONTH, words.YEAR]
        for name, label in zip(input_names(each), labels, strict=True):
            yield f"label:{name}", label
        yield f"#{each.name}-hint", each.hint
        for rule in each.criteria:
            yield f"rule:{each.name}-{rule.name}", rule.sentence


def sentence_with_placeholders(text: Text, language: Language) -> str:
    """Translate a sentence, but leave placeholders such as "{name}" unfilled."""
    names = NAME.findall(text.msgid + (text.plural or ""))
    return fold_spaces(translate(text.fill({name: f"{{{name}}}" for name in names}), language))


def read_page(page: Page, language: Language) -> ShownPageWords:
    """Read all texts on a page, except times that a script has added."""
    read = page.evaluate(READ_THE_SCREEN)
    own_time = re.compile(rf", [^,]*? {re.escape(fold_spaces(translate(words.YOUR_TIME, language)))}")
    return ShownPageWords(
        {fold_spaces(name): own_time.sub("", fold_spaces(text)) for name, text in read.items()}, language
    )
