"""Chooses the sentence that says which fields are required (RGAA 11.10)."""

from core.forms.flow_model import Action, input_names
from core.text.faces import page_frame_texts as words
from core.text.text import Text


def required_sentence(action: Action[object]) -> Text | None:
    """Return the sentence, or None if only one input is required: the others say that they are optional."""
    required = [each for each in action.fields if not each.kind.is_optional]
    if sum(len(input_names(each)) for each in required) <= 1:
        return None
    return words.REQUIRED_FIELDS if len(required) == len(action.fields) else words.REQUIRED_UNLESS_SAID
