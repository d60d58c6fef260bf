"""The privacy notice (GDPR, article 13): each datum, its purpose, and how long it is kept, by the rules of the purge."""

from dataclasses import dataclass

from core.app.legal.text_page import TextPage, TextPart, setting_or_missing_words
from core.app.settings import Settings
from core.policy.policy_and_calendar import Calendar, Policy
from core.policy.urls import PRIVACY_PATH
from core.ports import ErasableDataKind
from core.roll.personal_data_purge import erasure_due_from
from core.text.text import N_, NN_, DayWithYear, Text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersonalDatumPurpose:
    """A datum and what it is for. Without `kinds` no rule erases it: it ends with the database."""

    said: Text
    kinds: tuple[ErasableDataKind, ...] = ()


DATA: tuple[PersonalDatumPurpose, ...] = (
    PersonalDatumPurpose(
        said=N_("Nom, prénom, adresse professionnelle, académie, langue, reçus de votre employeur : pour vous écrire.")
    ),
    PersonalDatumPurpose(
        said=N_(
            "Date de naissance et NUMEN, reçus de même : seulement sous forme d'empreinte, pour les comparer à ce que vous tapez."
        )
    ),
    PersonalDatumPurpose(
        said=N_(
            "Mot de passe et premier identifiant de vote : seulement sous forme d'empreinte, pour vous reconnaître."
        ),
        kinds=(ErasableDataKind.PASSWORDS,),
    ),
    PersonalDatumPurpose(
        said=N_(
            "Numéro de téléphone que vous donnez : chiffré, pour vous envoyer les SMS et ne servir qu'à une seule personne. De celui qu'a donné votre employeur : une empreinte et les deux derniers chiffres."
        ),
        kinds=(ErasableDataKind.ADDRESSES, ErasableDataKind.PHONES),
    ),
    PersonalDatumPurpose(
        said=N_("Adresse tapée pour demander un message, et le numéro de dossier : pour suivre votre demande."),
        kinds=(ErasableDataKind.ADDRESSES,),
    ),
    PersonalDatumPurpose(
        said=N_("Texte des messages envoyés : chiffré, effacé dès l'envoi, au plus tard à cette date."),
        kinds=(ErasableDataKind.BODIES,),
    ),
    PersonalDatumPurpose(
        said=N_("Sessions, liens et codes en attente : sous forme d'empreinte, pour qu'ils ne servent qu'à vous."),
        kinds=(ErasableDataKind.SESSIONS, ErasableDataKind.LINKS, ErasableDataKind.AWAITED_CODES),
    ),
    PersonalDatumPurpose(
        said=N_(
            "Vos appels et vos demandes à l'assistance : leur sujet, leur durée, leur issue et le rappel promis, pour vous aider la fois suivante."
        ),
        kinds=(ErasableDataKind.CALLS,),
    ),
    PersonalDatumPurpose(
        said=N_(
            "Nombre d'essais par adresse, personne et réseau (adresse IP) : sous forme d'empreinte, contre les abus."
        ),
        kinds=(ErasableDataKind.COUNTERS,),
    ),
    PersonalDatumPurpose(
        said=N_(
            "Journal de ce qui a été fait, sans votre nom, ni votre adresse, ni votre numéro de téléphone : la preuve que l'élection s'est bien passée."
        )
    ),
)


def privacy_notice(settings: Settings, policy: Policy, calendar: Calendar) -> TextPage:
    """Return the notice of an election."""
    legal = settings.legal
    return TextPage(
        path=PRIVACY_PATH,
        title=N_("Données personnelles"),
        link=N_("Données personnelles"),
        sections=(
            TextPart(
                title=N_("Qui, et pourquoi"),
                sentences=(
                    N_(
                        "Responsable du traitement : {publisher}, {address}.",
                        publisher=setting_or_missing_words(legal.publisher),
                        address=setting_or_missing_words(legal.publisher_address),
                    ),
                    N_(
                        "Ce service vous rend vos accès au vote « {election} ». Il ne sert à rien d'autre, et ne sait pas ce que vous votez."
                    ),
                    N_(
                        "Base : la mission d'intérêt public d'organiser ce vote (RGPD, article 6, 1, e). Texte : {legal_text}.",
                        legal_text=setting_or_missing_words(legal.legal_text),
                    ),
                    N_("Donner ces informations est nécessaire : sans elles, vos accès ne peuvent pas être rendus."),
                ),
            ),
            TextPart(
                title=N_("Quelles données, et jusqu'à quand"),
                items=tuple(_with_its_end(each, policy, calendar) for each in DATA),
            ),
            TextPart(
                title=N_("Qui les reçoit"),
                sentences=(
                    N_(
                        "L'assistance voit votre dossier, jamais un mot de passe, un code ou un identifiant. Les services de courriel et de SMS transportent les messages."
                    ),
                    N_(
                        "Le service de vote reçoit un pseudonyme. Le bureau de vote reçoit le journal, sans nom d'électeur. Aucune décision n'est prise par une machine seule."
                    ),
                ),
            ),
            TextPart(
                title=N_("Dans votre navigateur"),
                sentences=(
                    N_("Ce site n'utilise que des cookies nécessaires, sans mesure d'audience et sans tiers."),
                    NN_(
                        "Les plus durables, {count} jour : la langue choisie, et que ce navigateur s'est déjà connecté. Ce dernier n'est pas posé si vous cochez la case de l'ordinateur partagé.",
                        "Les plus durables, {count} jours : la langue choisie, et que ce navigateur s'est déjà connecté. Ce dernier n'est pas posé si vous cochez la case de l'ordinateur partagé.",
                        count=policy.device_days,
                    ),
                ),
            ),
            TextPart(
                title=N_("Vos droits"),
                sentences=(
                    N_(
                        "Vous pouvez demander à voir vos données, à les corriger, à les effacer, à en limiter l'usage, ou vous y opposer : écrivez au délégué à la protection des données, {mail_address}.",
                        mail_address=setting_or_missing_words(legal.data_officer),
                    ),
                    N_(
                        "Vous pouvez aussi vous plaindre à la CNIL : {web_page}",
                        web_page="https://www.cnil.fr/plaintes",
                    ),
                ),
            ),
        ),
    )


def _with_its_end(datum: PersonalDatumPurpose, policy: Policy, calendar: Calendar) -> Text:
    ends = [erasure_due_from(kind, policy, calendar) for kind in datum.kinds]
    if not ends:
        return N_(
            "{datum} Conservation : jusqu'à ce que l'organisateur détruise la base, après les recours.",
            datum=datum.said,
        )
    return N_(
        "{datum} Conservation : jusqu'au {end}.", datum=datum.said, end=DayWithYear(calendar.to_local(max(ends)).date())
    )
