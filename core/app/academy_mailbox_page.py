"""The page that says, for each académie, where its mailbox opens and who helps with it."""

from core.app.legal.text_page import TextPage, TextPart
from core.app.settings.sections import AcademySection
from core.forms.name_words import name_words
from core.policy.urls import MAILBOX_PATH
from core.text.text import N_, Text


def academy_mailboxes_page(academies: tuple[AcademySection, ...]) -> TextPage | None:
    """Return the page, in alphabetical order; None for an election whose settings name no académie."""
    if not academies:
        return None
    return TextPage(
        path=MAILBOX_PATH,
        title=N_("Ma messagerie professionnelle"),
        link=N_("Ma messagerie professionnelle"),
        sections=(
            TextPart(
                title=N_("Avant de commencer"),
                sentences=(
                    N_("Cherchez votre académie. Son service informatique peut vous donner un nouveau mot de passe."),
                ),
            ),
            *(
                TextPart(
                    title=Text("{name}", None, {"name": each.name}),
                    sentences=(
                        N_("Messagerie : {web_page}", web_page=each.webmail),
                        N_("Service informatique : {support}", support=each.support),
                    ),
                )
                for each in sorted(academies, key=lambda each: name_words(each.name))
            ),
        ),
    )
