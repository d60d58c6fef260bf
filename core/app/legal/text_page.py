"""The type of a page of text, as data that the site draws."""

from dataclasses import dataclass

from core.text.text import N_, Text

NOT_GIVEN = N_("(à indiquer par l'organisateur de l'élection)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextPart:
    """One part of a page: its title, its sentences, and a list after them."""

    title: Text
    sentences: tuple[Text, ...] = ()
    items: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextPage:
    """A page at `path`. `link` is how the foot of every page names it."""

    path: str
    title: Text
    link: Text
    sections: tuple[TextPart, ...]


def setting_or_missing_words(value: str | None) -> str | Text:
    """Return a setting, or the words that say that it is missing."""
    return NOT_GIVEN if value is None else value
