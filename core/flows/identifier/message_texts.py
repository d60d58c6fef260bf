"""Texts of the emails and SMS about a request for a new identifier."""

from core.forms.flow_model import Channel, MailOrSmsText
from core.text.faces.mail_frame_texts import DESK_BY_TELEPHONE
from core.text.text import N_, Text

OUTCOME, COUNTED = Text("{outcome}"), Text("{counted}")
"""Placeholders that stand for whole sentences."""


SECURITY_CODE_SMS = MailOrSmsText(
    code="ID-3",
    subject=N_("Le code de sécurité"),
    body=(
        N_("Code de sécurité : {code}, valable jusqu'à {code_until}. Envoi {sending} sur {sendings}."),
        N_("Ne le donnez à personne."),
        Text("@{host} #{code}"),  # a format, not a sentence
    ),
    channel=Channel.SMS,
)
"""The SMS with a security code, in the WICG format for origin-bound one-time codes."""
SPOKEN_CODE = (
    N_("Bonjour. Votre code de sécurité est : {digits}."),
    N_("Je répète : {digits}."),
    N_("Saisissez-le sur le site, et ne le donnez à personne."),
)
"""The sentences that the voter hears in a call with a security code."""
IDENTIFIER_SMS = MailOrSmsText(
    code="ID-4",
    subject=N_("Votre identifiant de vote"),
    body=(
        N_("Nouvel identifiant de vote : {identifier}"),
        N_("Ne le donnez à personne. L'ancien ne fonctionne plus."),
        N_("Dossier {case}."),
    ),
    channel=Channel.SMS,
)
REISSUE_NOTICE = MailOrSmsText(
    code="ID-5",
    subject=N_("Un nouvel identifiant de vote a été demandé"),
    body=(
        N_("Bonjour {first_name} {last_name},"),
        N_("Un nouvel identifiant de vote a été demandé le {requested_at} (heure de Paris) pour « {election} »."),
        N_("Il part par SMS vers le numéro qui finit par {ending}. L'ancien ne fonctionnera plus."),
        N_("Si c'était vous, vous n'avez rien à faire."),
        N_("Si ce n'était pas vous, bloquez tout de suite votre compte et cet identifiant :"),
    ),
    action=N_("Ce n'était pas moi"),
    after=(N_("Vous pouvez aussi appeler l'assistance au {desk_phone} ({desk_hours})."),),
)
"""Email about a request for an identifier, with a link to freeze the account."""
UNDELIVERED_SMS_MAIL = MailOrSmsText(
    code="ID-6",
    subject=N_("Votre identifiant de vote n'est pas arrivé"),
    body=(
        N_("Bonjour {first_name} {last_name},"),
        OUTCOME,
        COUNTED,
        N_("Pour en demander un autre, connectez-vous sur {site} : vous y verrez combien de demandes il vous reste."),
        DESK_BY_TELEPHONE,
    ),
)
