from core.forms.errors.error_families import CALL_THE_DESK, Refusal, RefusalKind
from core.text.text import N_

FOR_ANY_QUESTION = N_("Pour toute question, appelez l'assistance au {desk_phone} ({desk_hours}).")


class NotYetOpen(Refusal):
    id = "not-yet-open"
    cause = N_("Le service ouvre à la date choisie pour cette élection.")
    title = N_("Le service n'est pas encore ouvert")
    remedy = (
        N_("Il ouvrira le {opens_at} (heure de Paris). Vous n'avez rien à faire avant."),
        FOR_ANY_QUESTION,
    )


class VoteClosed(Refusal):
    id = "vote-closed"
    cause = N_("La période de vote est terminée.")
    title = N_("Le vote est clos")
    remedy = (
        N_(
            "Il s'est terminé le {closed_at} (heure de Paris). Les mots de passe et les identifiants de vote ne sont plus utiles."
        ),
        FOR_ANY_QUESTION,
    )


class PageNotFound(Refusal):
    id = "page-not-found"
    cause = N_("L'adresse contient une faute, ou elle est incomplète.")
    kind = RefusalKind.NOT_FOUND
    title = N_("Cette page n'existe pas")
    remedy = (
        N_("Vérifiez l'adresse : le site est {site}."),
        N_("Pour retrouver votre mot de passe, revenez à l'accueil."),
        CALL_THE_DESK,
    )


class HelpNotReady(Refusal):
    id = "help-not-ready"
    cause = N_("Les pages d'aide sont en préparation.")
    kind = RefusalKind.NOT_FOUND
    title = N_("L'aide n'est pas encore prête")
    remedy = (N_("Attendez une minute, puis rechargez cette page."), CALL_THE_DESK)


class CrossSiteRequest(Refusal):
    id = "came-from-elsewhere"
    cause = N_("La demande venait d'une page qui n'est pas de ce site.")
    title = N_("Cette demande ne vient pas de notre site")
    remedy = (N_("Par précaution, rien n'a été fait. Ouvrez vous-même {site} et recommencez."), CALL_THE_DESK)


class CookiesMissing(Refusal):
    id = "cookies-missing"
    cause = N_("Le navigateur refuse les cookies, ou la page est restée ouverte trop longtemps.")
    kind = RefusalKind.UNREADABLE
    title = N_("Votre navigateur n'a rien gardé de la page précédente")
    remedy = (
        N_(
            "Autorisez les cookies, ou prenez un autre navigateur. Puis ouvrez de nouveau le lien du message, ou revenez à l'accueil."
        ),
        CALL_THE_DESK,
    )


class RequestTooLarge(Refusal):
    id = "too-large"
    cause = N_("Un long texte a été collé dans un champ.")
    kind = RefusalKind.TOO_LARGE
    title = N_("Cette demande est trop longue")
    remedy = (N_("Rien n'a été fait. Revenez en arrière et saisissez seulement ce qui est demandé."),)


class RequestUnreadable(Refusal):
    id = "unreadable"
    cause = N_("Le navigateur a envoyé une demande incomplète.")
    kind = RefusalKind.UNREADABLE
    title = N_("Le site n'a pas compris votre demande")
    remedy = (N_("Rien n'a été fait. Revenez à l'accueil : {site}."), CALL_THE_DESK)


class TooManyRequests(Refusal):
    id = "too-many-requests"
    cause = N_("Beaucoup de personnes de votre établissement utilisent le site en même temps.")
    kind = RefusalKind.TOO_MANY
    title = N_("Le site reçoit trop de demandes de votre réseau")
    remedy = (N_("Attendez une minute, puis recommencez. Rien n'est perdu."), CALL_THE_DESK)


class PasswordsTooBusy(Refusal):
    id = "too-busy"
    cause = N_("Beaucoup de personnes saisissent leur mot de passe en même temps.")
    kind = RefusalKind.UNAVAILABLE
    title = N_("Le site reçoit trop de mots de passe en même temps")
    remedy = (
        N_("Attendez une minute, puis revenez à la page précédente et recommencez."),
        N_("Rien n'est perdu : ni vos essais, ni votre lien."),
        CALL_THE_DESK,
    )


class ServiceUnavailable(Refusal):
    id = "unavailable"
    cause = N_("Le site est en panne, ou on le met à jour.")
    kind = RefusalKind.UNAVAILABLE
    title = N_("Le service ne répond pas pour le moment")
    remedy = (N_("Rien n'a été perdu ni changé. Recommencez dans quelques minutes."), CALL_THE_DESK)


class PageUnavailable(Refusal):
    id = "page-unavailable"
    cause = N_("Le site est en panne, ou on le met à jour.")
    kind = RefusalKind.UNAVAILABLE
    looks_again = True
    title = N_("Cette page est indisponible pour le moment")
    remedy = (
        N_(
            "Ce qui a déjà été fait est conservé. Dans quelques minutes, rouvrez l'étape où vous étiez : elle montre ce qui est enregistré."
        ),
        CALL_THE_DESK,
    )


class OutcomeNotKnownYet(Refusal):
    id = "not-known-yet"
    cause = N_("Le site est très occupé, ou en panne.")
    kind = RefusalKind.UNAVAILABLE
    looks_again = True
    title = N_("Nous vérifions si c'est fait")
    remedy = (
        N_("La réponse n'est pas arrivée à temps : votre demande a peut-être été enregistrée, peut-être pas."),
        N_("Rouvrez l'étape où vous étiez : elle montre ce qui est enregistré. Ne recommencez que si elle le demande."),
        CALL_THE_DESK,
    )
