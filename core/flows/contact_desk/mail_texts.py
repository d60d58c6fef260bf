from core.forms.flow_model import MailOrSmsText
from core.text.text import N_, Text

ANSWER_SUBJECT = N_("Réponse de l'assistance à votre demande")
NO_SECRET = N_("N'envoyez jamais un mot de passe, un code ou un identifiant, même à l'assistance.")
RECEIPT_MAIL = MailOrSmsText(
    code="DA-2",
    subject=N_("Votre demande à l'assistance est notée"),
    body=(
        N_("Bonjour {first_name} {last_name},"),
        N_("Une demande à l'assistance a été faite le {asked_at} (heure de Paris) avec votre adresse."),
        N_("Sujet : {subject}."),
        Text("{answer}"),  # one of the sentences of `answer_time_sentence`
    ),
    after=(NO_SECRET, N_("Si vous n'avez rien demandé, ne faites rien.")),
)


def written_answer_mail_text(title: Text, sentences: tuple[Text, ...]) -> MailOrSmsText:
    return MailOrSmsText(
        code="DA-2",
        subject=ANSWER_SUBJECT,
        body=(
            N_("Bonjour {first_name} {last_name},"),
            N_("Vous avez demandé une réponse de l'assistance le {asked_at} (heure de Paris). Sujet : {subject}."),
            N_("Voici sa réponse, à la question « {title} » :", title=title),
            *sentences,
        ),
        after=(
            N_(
                "Ce n'est pas votre question ? Faites une autre demande, ou appelez l'assistance : {desk_phone}, {desk_hours}."
            ),
            NO_SECRET,
        ),
    )
