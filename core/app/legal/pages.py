from dataclasses import dataclass

from core.app.settings.sections import AcademySection
from core.forms.name_words import name_words
from core.text.text import N_, Text
from core.text.urls import MAILBOX_PATH

NOT_GIVEN = N_("(à indiquer par l'organisateur de l'élection)")


class TextPart:
    def __init__(self, title: Text, *sentences: Text, items: tuple[Text, ...] = ()) -> None:
        self.title, self.sentences, self.items = title, sentences, items


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextPage:
    """A page with a fixed text. `link` is the label of its footer link."""

    path: str
    title: Text
    link: Text
    sections: tuple[TextPart, ...]


def academy_mailboxes_page(academies: tuple[AcademySection, ...]) -> TextPage | None:
    """Return the page that lists the académies' webmail. Returns None if no académie is configured."""
    if not academies:
        return None
    return TextPage(
        path=MAILBOX_PATH,
        title=N_("Ma messagerie professionnelle"),
        link=N_("Ma messagerie professionnelle"),
        sections=(
            TextPart(
                N_("Avant de commencer"),
                N_("Cherchez votre académie. Son service informatique peut vous donner un nouveau mot de passe."),
            ),
            *(
                TextPart(
                    Text("{name}", None, {"name": each.name}),
                    N_("Messagerie : {web_page}", web_page=each.webmail),
                    N_("Service informatique : {support}", support=each.support),
                )
                for each in sorted(academies, key=lambda each: name_words(each.name))
            ),
        ),
    )
