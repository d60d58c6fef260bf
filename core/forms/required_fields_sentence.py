"""Chooses the sentence that says which fields are required (RGAA 11.10)."""

from core.forms.flow_model import Action, input_names
from core.text.faces import page_frame_texts as words
from core.text.text import Text


def required_sentence(action: Action[object]) -> Text | None:
    if not action.fields:
        return None
    if any(each.kind.is_optional for each in action.fields):
        return words.REQUIRED_UNLESS_SAID
    alone = sum(len(input_names(each)) for each in action.fields) == 1
    return words.REQUIRED_FIELD if alone else words.REQUIRED_FIELDS
