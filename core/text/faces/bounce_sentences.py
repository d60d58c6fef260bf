from core.text.text import N_, SentenceEnum

HELP = N_(
    "Note au dossier les messages revenus sans être remis. Sans --maildir, en lit un sur l'entrée standard, comme le donne un serveur de messagerie : code 0 s'il est traité, 75 s'il faut le présenter à nouveau."
)
MAILDIR_HELP = N_("La boîte Maildir où reviennent les messages ; ceux qui sont traités passent de new à cur.")
RECIPIENT_HELP = N_("L'adresse à laquelle ce message est revenu, si le serveur ne l'écrit pas dans Delivered-To.")

NOT_A_MAILDIR = N_("{path} n'est pas une boîte Maildir : elle n'a pas de dossier new.")
DONE = N_(
    "Retours lus : {read}. Notés au dossier : {noted}. Déjà notés : {noted_before}. Laissés de côté : {left_aside}."
)


class BounceReason(SentenceEnum):
    """Why an email bounced, as recorded in `mail-bounced` events."""

    UNKNOWN_MAILBOX = (
        "unknown-mailbox",
        N_("Le message est revenu : la messagerie ne connaît pas cette adresse."),
    )
    MAILBOX_FULL = (
        "mailbox-full",
        N_("La boîte aux lettres est pleine : il faut y faire de la place, puis demander un autre message."),
    )
    REFUSED_AS_SPAM = (
        "refused-as-spam",
        N_("Le message est revenu : la messagerie l'a pris pour un courrier indésirable, ou ses règles l'interdisent."),
    )
    DELAYED = "delayed", N_("Le message est retardé : il n'est pas encore remis, et la messagerie essaie à nouveau.")
    OTHER = (
        "other",
        N_("Le message est revenu : il n'a pas pu être remis, et la messagerie n'en dit pas clairement la raison."),
    )
