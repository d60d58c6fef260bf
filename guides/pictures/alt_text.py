"""The alternative text of a picture: its contents and numbers, according to the accessibility tree."""

from collections.abc import Sequence

from core.forms.flow_model import Step
from core.text.faces import help_page_texts as words
from core.text.text import Language, Text
from core.text.translation import translate, with_no_break_spaces
from guides.pictures.browser_walk import BrowserWalk
from guides.pictures.locate_elements import LocatedElement
from guides.pictures.page_definition_check import fold_spaces

HEARD = """() => [
    document.querySelector("h1")?.computedName ?? "",
    [...document.querySelectorAll("[role=alert] a")].map(each => each.computedName),
]"""
"""The roles read: the title, and the links of the error list."""
MARKED = {
    "textbox": words.FIELD_MARKED,
    "group": words.FIELD_MARKED,
    "button": words.BUTTON_MARKED,
    "link": words.LINK_MARKED,
}


def alt_text(walk: BrowserWalk, step: Step, elements: Sequence[LocatedElement]) -> str:
    """Return the alternative text in the page's language, with the numbers of those elements."""
    title, errors = walk.show_page_in_browser().evaluate(HEARD)
    told = [words.ERROR_SHOWN.fill({"sentence": fold_spaces(each)}) for each in errors]
    return _said([_shown(walk, step, fold_spaces(title)), *told, *map(_marked, elements)], walk.language)


def _said(shown: Sequence[Text], language: Language) -> str:
    return " ".join(with_no_break_spaces(translate(text, language), language) for text in shown)


def _shown(walk: BrowserWalk, step: Step, title: str) -> Text:
    if walk.mail is not None:
        return words.MESSAGE_SHOWN.fill({"step": step.code, "title": walk.subject_shown()})
    if walk.sms is not None:
        return words.SMS_SHOWN.fill({"step": step.code, "text": walk.sms})
    sentence = words.REFUSAL_SHOWN if walk.refusal else words.STEP_SHOWN
    return sentence.fill({"step": step.code, "title": title})


def _marked(pointed: LocatedElement) -> Text:
    sentence = MARKED.get(pointed.role, words.WORDS_MARKED)
    return sentence.fill({"number": pointed.marked.number, "name": pointed.label})
