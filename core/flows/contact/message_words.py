"""The words of the mail that acknowledges a request to the desk."""

from core.forms.model import MailOrSmsWords
from core.text.text import N_, Text


def acknowledgement() -> MailOrSmsWords:
    """Return the mail to the address on the roll."""
    return MailOrSmsWords(
        code="DA-2",
        subject=N_("Votre demande à l'assistance est notée"),
        body=(
            N_("Bonjour {first_name} {last_name},"),
            N_("Une demande à l'assistance a été faite le {asked_at} (heure de Paris) avec votre adresse."),
            N_("Sujet : {subject}."),
            Text("{answer}"),  # one of the sentences of `answer_sentence`
        ),
        after=(
            N_("N'envoyez jamais un mot de passe, un code ou un identifiant, même à l'assistance."),
            N_("Si vous n'avez rien demandé, ne faites rien."),
            N_("Numéro de dossier : {case}."),
        ),
    )
