"""The alternative text of a picture: what is shown and what is numbered, as the accessibility tree has it."""

from collections.abc import Sequence

from core.i18n import say, typeset
from core.steps import Step
from core.text import Language, Text
from core.words import pictures as words
from guides.pictures.pointing import Pointed
from guides.pictures.screen import plain
from guides.pictures.walk import Walk

HEARD = """() => [
    document.querySelector("h1")?.computedName ?? "",
    [...document.querySelectorAll("[role=alert] a")].map(each => each.computedName),
]"""
"""The title, and the links of the list of errors."""
MARKED = {
    "textbox": words.FIELD_MARKED,
    "group": words.FIELD_MARKED,
    "button": words.BUTTON_MARKED,
    "link": words.LINK_MARKED,
}


def alt_of(walk: Walk, step: Step, pointed: Sequence[Pointed]) -> str:
    """Sentences in the page's language. Raises Differs where a name in the tree is not the definition's."""
    title, errors = walk.page.evaluate(HEARD)
    told = [words.ERROR_SHOWN.fill({"sentence": plain(each)}) for each in errors]
    return _said([_shown(walk, step, plain(title)), *told, *map(_marked, pointed)], walk.language)


def _said(shown: Sequence[Text], language: Language) -> str:
    return " ".join(typeset(say(text, language), language) for text in shown)


def _shown(walk: Walk, step: Step, title: str) -> Text:
    if walk.mail is not None:
        return words.MESSAGE_SHOWN.fill({"step": step.code, "title": walk.subject_shown()})
    sentence = words.REFUSAL_SHOWN if walk.screen().refusal else words.STEP_SHOWN
    return sentence.fill({"step": step.code, "title": title})


def _marked(pointed: Pointed) -> Text:
    pointed.require_name()
    sentence = MARKED.get(pointed.role, words.WORDS_MARKED)
    return sentence.fill({"number": pointed.marked.number, "name": pointed.label})
