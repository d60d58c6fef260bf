from core.forms.flow_model import MailOrSmsText
from core.text.faces.mail_frame_texts import DESK_BY_TELEPHONE
from core.text.text import N_

LINK_SUBJECT = N_("Votre lien pour choisir un mot de passe")
LINK_MAIL = MailOrSmsText(
    code="MP-5",
    subject=LINK_SUBJECT,
    body=(
        N_("Bonjour {first_name} {last_name},"),
        N_("Un nouveau mot de passe pour l'élection a été demandé le {asked_at} (heure de Paris) avec votre adresse."),
        N_("Pour choisir un mot de passe, ouvrez ce lien avant le {until} (heure de Paris) :"),
    ),
    action=N_("Choisir un nouveau mot de passe"),
    after=(
        N_("Le lien ne fonctionne qu'une fois. Ne le transmettez à personne, pas même à l'assistance."),
        N_("Si vous n'avez rien demandé, ne faites rien : votre mot de passe reste le même."),
        DESK_BY_TELEPHONE,
    ),
)
CHANGE_NOTICE = MailOrSmsText(
    code="MP-7",
    subject=N_("Votre mot de passe a été changé"),
    body=(
        N_("Bonjour {first_name} {last_name},"),
        N_("Le mot de passe de votre compte pour « {election} » a été changé le {changed_at} (heure de Paris)."),
        N_("Si c'était vous, vous n'avez rien à faire."),
        N_("Si ce n'était pas vous, bloquez tout de suite votre compte :"),
    ),
    action=N_("Ce n'était pas moi"),
    after=(N_("Vous pouvez aussi appeler l'assistance au {desk_phone} ({desk_hours})."),),
)
FROZEN_ACCOUNT_MAIL = MailOrSmsText(
    code="MP-5",
    subject=N_("Votre demande de mot de passe : appelez l'assistance"),
    body=(
        N_("Bonjour {first_name} {last_name},"),
        N_("Un nouveau mot de passe pour l'élection a été demandé le {asked_at} (heure de Paris) avec votre adresse."),
        N_("Votre compte est bloqué par précaution : ce message ne contient donc pas de lien."),
        N_("Appelez l'assistance au {desk_phone} ({desk_hours}) et donnez le numéro de dossier {case}."),
    ),
)
