from core.app.legal.pages import NOT_GIVEN, TextPage, TextPart
from core.app.settings import Settings
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.ports import ErasableDataKind
from core.roll.personal_data_purge import erasure_due_from
from core.text.text import N_, NN_, DayWithYear, Text
from core.text.urls import PRIVACY_PATH


class PersonalDatumPurpose:
    """A kind of personal data and its purpose. If `kinds` is empty, the data is kept as long as the database."""

    def __init__(self, said: Text, *kinds: ErasableDataKind) -> None:
        self.said, self.kinds = said, kinds


DATA = (
    PersonalDatumPurpose(
        N_("Nom, prénom, adresse professionnelle, académie, langue, reçus de votre employeur : pour vous écrire.")
    ),
    PersonalDatumPurpose(
        N_(
            "Date de naissance et NUMEN, reçus aussi de votre employeur : seulement sous forme d'empreinte, pour les comparer à ce que vous saisissez."
        )
    ),
    PersonalDatumPurpose(
        N_("Mot de passe et premier identifiant de vote : seulement sous forme d'empreinte, pour vous reconnaître."),
        ErasableDataKind.PASSWORDS,
    ),
    PersonalDatumPurpose(
        N_(
            "Numéro de téléphone que vous donnez : chiffré, pour vous envoyer les SMS et ne servir qu'à une seule personne. De celui donné par votre employeur : seulement une empreinte et les deux derniers chiffres."
        ),
        ErasableDataKind.ADDRESSES,
        ErasableDataKind.PHONES,
    ),
    PersonalDatumPurpose(
        N_("Adresse saisie pour demander un message, et le numéro de dossier : pour suivre votre demande."),
        ErasableDataKind.ADDRESSES,
    ),
    PersonalDatumPurpose(
        N_("Texte des messages envoyés : chiffré, effacé dès l'envoi, au plus tard à cette date."),
        ErasableDataKind.BODIES,
    ),
    PersonalDatumPurpose(
        N_("Sessions, liens et codes en attente : sous forme d'empreinte, pour qu'ils ne servent qu'à vous."),
        ErasableDataKind.SESSIONS,
        ErasableDataKind.LINKS,
        ErasableDataKind.AWAITED_CODES,
    ),
    PersonalDatumPurpose(
        N_(
            "Vos appels et vos demandes à l'assistance : leur sujet, leur durée, leur issue, le rappel ou la réponse promis, pour vous aider la fois suivante."
        ),
        ErasableDataKind.CALLS,
    ),
    PersonalDatumPurpose(
        N_("Nombre d'essais par adresse, personne et réseau (adresse IP) : sous forme d'empreinte, contre les abus."),
        ErasableDataKind.COUNTERS,
    ),
    PersonalDatumPurpose(
        N_(
            "Journal de ce qui a été fait, sans votre nom, ni votre adresse, ni votre numéro de téléphone : la preuve que l'élection s'est bien passée."
        )
    ),
)


def privacy_notice(settings: Settings, policy: Policy, calendar: Calendar) -> TextPage:
    # Required by article 13 of the GDPR. The dates come from the function that also controls the erasure.
    legal = settings.legal
    return TextPage(
        path=PRIVACY_PATH,
        title=N_("Données personnelles"),
        link=N_("Données personnelles"),
        sections=(
            TextPart(
                N_("Qui, et pourquoi"),
                N_(
                    "Responsable du traitement : {publisher}, {address}.",
                    publisher=legal.publisher or NOT_GIVEN,
                    address=legal.publisher_address or NOT_GIVEN,
                ),
                N_(
                    "Ce service vous permet de retrouver vos accès au vote « {election} ». Il ne sert à rien d'autre, et ne connaît pas votre vote."
                ),
                N_(
                    "Base : la mission d'intérêt public d'organiser ce vote (RGPD, article 6, 1, e). Texte : {legal_text}.",
                    legal_text=legal.legal_text or NOT_GIVEN,
                ),
                N_("Ces informations sont nécessaires : sans elles, vous ne pouvez pas retrouver vos accès."),
            ),
            TextPart(
                N_("Quelles données, et jusqu'à quand"),
                items=tuple(_with_erasure_date(each, policy, calendar) for each in DATA),
            ),
            TextPart(
                N_("Qui les reçoit"),
                N_(
                    "L'assistance voit votre dossier, jamais un mot de passe, un code ou un identifiant. Les services de courriel et de SMS transportent les messages."
                ),
                N_(
                    "Le service de vote reçoit un pseudonyme. Le bureau de vote reçoit le journal, sans nom d'électeur. Aucune décision n'est prise par une machine seule."
                ),
            ),
            TextPart(
                N_("Dans votre navigateur"),
                N_("Ce site n'utilise que des cookies nécessaires, sans mesure d'audience et sans tiers."),
                NN_(
                    "Les plus durables, {count} jour : la langue choisie, et que ce navigateur s'est déjà connecté. Ce dernier n'est pas posé si vous cochez la case de l'ordinateur partagé.",
                    "Les plus durables, {count} jours : la langue choisie, et que ce navigateur s'est déjà connecté. Ce dernier n'est pas posé si vous cochez la case de l'ordinateur partagé.",
                    count=policy.device_days,
                ),
            ),
            TextPart(
                N_("Vos droits"),
                N_(
                    "Vous pouvez demander à voir vos données, à les corriger, à les effacer, à en limiter l'usage, ou vous y opposer : écrivez au délégué à la protection des données, {mail_address}.",
                    mail_address=legal.data_officer or NOT_GIVEN,
                ),
                N_(
                    "Vous pouvez aussi adresser une réclamation à la CNIL : {web_page}",
                    web_page="https://www.cnil.fr/plaintes",
                ),
            ),
        ),
    )


def _with_erasure_date(datum: PersonalDatumPurpose, policy: Policy, calendar: Calendar) -> Text:
    ends = [erasure_due_from(kind, policy, calendar) for kind in datum.kinds]
    if not ends:
        return N_(
            "{datum} Conservation : jusqu'à ce que l'organisateur détruise la base, après les recours.",
            datum=datum.said,
        )
    return N_(
        "{datum} Conservation : jusqu'au {end}.", datum=datum.said, end=DayWithYear(calendar.to_local(max(ends)).date())
    )
