"""The pages of text that the site draws: those that the law asks for, and the mailboxes of the académies."""

from dataclasses import dataclass

from core.app.settings import Settings
from core.app.settings.sections import AcademySection, LegalSection
from core.forms.name_words import name_words
from core.policy.policy_and_calendar import Calendar, Policy
from core.policy.urls import ACCESSIBILITY_PATH, LEGAL_NOTICE_PATH, MAILBOX_PATH, PRIVACY_PATH
from core.ports import ErasableDataKind
from core.roll.personal_data_purge import erasure_due_from
from core.text.text import N_, NN_, DayWithYear, Text

NOT_GIVEN = N_("(à indiquer par l'organisateur de l'élection)")


class TextPart:
    """One part of a page: its title, its sentences, and a list after them."""

    def __init__(self, title: Text, *sentences: Text, items: tuple[Text, ...] = ()) -> None:
        self.title, self.sentences, self.items = title, sentences, items


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextPage:
    """A page at `path`. `link` is how the foot of every page names it."""

    path: str
    title: Text
    link: Text
    sections: tuple[TextPart, ...]


def academy_mailboxes_page(academies: tuple[AcademySection, ...]) -> TextPage | None:
    """Return the page of the mailboxes, by the names of the académies; None for an election whose settings name none."""
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


ALL, HALF = 100, 50
"""The percentages of criteria from which a site is conform, or partly so (décret n° 2019-768, article 2)."""
CONFORM, PARTLY, NOT_CONFORM = N_("totalement conforme"), N_("partiellement conforme"), N_("non conforme")
KNOWN_GAPS: tuple[Text, ...] = (
    N_("Critère 13.3 : les diaporamas (PowerPoint) n'ont pas été contrôlés. Leur contenu est aussi dans l'aide."),
    N_("Critère 13.4 : les guides à imprimer (PDF) ne sont contrôlés que par des programmes."),
    N_("Aucune personne handicapée n'a encore essayé le service pour ses auteurs."),
)
"""Parts known not to be conform; `docs/accessibility.md` gives the same criteria."""


def legal_conformity_state(legal: LegalSection) -> Text:
    """Return the state that the law knows; without an audit no site is conform."""
    if legal.audit_on is None or legal.audit_percent is None or legal.audit_percent < HALF:
        return NOT_CONFORM
    return CONFORM if legal.audit_percent == ALL else PARTLY


def accessibility_declaration(settings: Settings) -> TextPage:
    """Return the accessibility declaration, after the model of RGAA 4.1.2; the grid behind it is `docs/accessibility.md`."""
    legal, state = settings.legal, legal_conformity_state(settings.legal)
    return TextPage(
        path=ACCESSIBILITY_PATH,
        title=N_("Déclaration d'accessibilité"),
        link=N_("Accessibilité : {state}", state=state),
        sections=(
            TextPart(
                N_("État de conformité"),
                N_(
                    "{publisher} s'engage à rendre ce site accessible, conformément à l'article 47 de la loi n° 2005-102 du 11 février 2005.",
                    publisher=legal.publisher or NOT_GIVEN,
                ),
                N_(
                    "Le site {site} est {state} avec le référentiel général d'amélioration de l'accessibilité (RGAA 4.1.2).",
                    state=state,
                ),
                _audit(legal),
            ),
            TextPart(
                N_("Contenus non accessibles"),
                N_("Ce que l'on sait ne pas être conforme, ou ne pas avoir été vérifié par une personne :"),
                items=KNOWN_GAPS,
            ),
            TextPart(
                N_("Établissement de cette déclaration"),
                N_(
                    "Cette déclaration a été établie le {day}.",
                    day=NOT_GIVEN if legal.declared_on is None else DayWithYear(legal.declared_on),
                ),
                N_("Technologies : HTML, CSS, et un peu de JavaScript dont aucune page n'a besoin."),
                N_(
                    "Chaque page est contrôlée par des programmes, en clair et en sombre, à 320 pixels, au clavier et en texte agrandi."
                ),
            ),
            TextPart(
                N_("Retour d'information et contact"),
                N_(
                    "Si vous n'arrivez pas à lire une page ou à faire une démarche, écrivez à {mail_address} ou appelez l'assistance : {desk_phone}, {desk_hours}.",
                    mail_address=legal.accessibility_contact or settings.desk.email,
                ),
                N_("Elle vous dira comment faire autrement."),
            ),
            TextPart(
                N_("Voies de recours"),
                N_(
                    "Vous avez signalé un défaut d'accessibilité qui vous empêche d'utiliser ce site, et vous n'avez pas eu de réponse satisfaisante ? Vous pouvez :"
                ),
                items=(
                    N_(
                        "écrire au Défenseur des droits : {web_page}",
                        web_page="https://formulaire.defenseurdesdroits.fr",
                    ),
                    N_("contacter le délégué du Défenseur des droits de votre région ;"),
                    N_(
                        "envoyer un courrier, sans timbre : Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07."
                    ),
                ),
            ),
        ),
    )


def _audit(legal: LegalSection) -> Text:
    if legal.audit_on is None or legal.audit_percent is None:
        return N_(
            "Aucun audit n'a encore été enregistré : c'est pourquoi il est dit non conforme, quoi qu'en disent ses contrôles."
        )
    return N_(
        "L'audit du {day}, par {auditor}, a trouvé conformes {percent} % des critères qui s'appliquent.",
        day=DayWithYear(legal.audit_on),
        auditor=legal.audit_by or NOT_GIVEN,
        percent=legal.audit_percent,
    )


class PersonalDatumPurpose:
    """A datum and what it is for. Without `kinds` no rule erases it: it ends with the database."""

    def __init__(self, said: Text, *kinds: ErasableDataKind) -> None:
        self.said, self.kinds = said, kinds


DATA = (
    PersonalDatumPurpose(
        N_("Nom, prénom, adresse professionnelle, académie, langue, reçus de votre employeur : pour vous écrire.")
    ),
    PersonalDatumPurpose(
        N_(
            "Date de naissance et NUMEN, reçus de même : seulement sous forme d'empreinte, pour les comparer à ce que vous tapez."
        )
    ),
    PersonalDatumPurpose(
        N_("Mot de passe et premier identifiant de vote : seulement sous forme d'empreinte, pour vous reconnaître."),
        ErasableDataKind.PASSWORDS,
    ),
    PersonalDatumPurpose(
        N_(
            "Numéro de téléphone que vous donnez : chiffré, pour vous envoyer les SMS et ne servir qu'à une seule personne. De celui qu'a donné votre employeur : une empreinte et les deux derniers chiffres."
        ),
        ErasableDataKind.ADDRESSES,
        ErasableDataKind.PHONES,
    ),
    PersonalDatumPurpose(
        N_("Adresse tapée pour demander un message, et le numéro de dossier : pour suivre votre demande."),
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
            "Vos appels et vos demandes à l'assistance : leur sujet, leur durée, leur issue et le rappel promis, pour vous aider la fois suivante."
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
    """Return the privacy notice (GDPR, article 13), which says how long each datum is kept by the rules of the purge."""
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
                    "Ce service vous rend vos accès au vote « {election} ». Il ne sert à rien d'autre, et ne sait pas ce que vous votez."
                ),
                N_(
                    "Base : la mission d'intérêt public d'organiser ce vote (RGPD, article 6, 1, e). Texte : {legal_text}.",
                    legal_text=legal.legal_text or NOT_GIVEN,
                ),
                N_("Donner ces informations est nécessaire : sans elles, vos accès ne peuvent pas être rendus."),
            ),
            TextPart(
                N_("Quelles données, et jusqu'à quand"),
                items=tuple(_with_its_end(each, policy, calendar) for each in DATA),
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
                    "Vous pouvez aussi vous plaindre à la CNIL : {web_page}",
                    web_page="https://www.cnil.fr/plaintes",
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


def legal_notice(settings: Settings) -> TextPage:
    """Return the legal notice: who publishes and hosts the site."""
    legal = settings.legal
    return TextPage(
        path=LEGAL_NOTICE_PATH,
        title=N_("Mentions légales"),
        link=N_("Mentions légales"),
        sections=(
            TextPart(
                N_("Éditeur"),
                N_(
                    "{publisher}, {address}.",
                    publisher=legal.publisher or NOT_GIVEN,
                    address=legal.publisher_address or NOT_GIVEN,
                ),
                N_("Responsable de la publication : {director}.", director=legal.director or NOT_GIVEN),
                N_("Contact : {mail_address}, {desk_phone}, {desk_hours}.", mail_address=settings.desk.email),
            ),
            TextPart(N_("Hébergeur"), N_("{hosting}.", hosting=legal.hosting or NOT_GIVEN)),
        ),
    )


def legal_pages(settings: Settings, policy: Policy, calendar: Calendar) -> tuple[TextPage, ...]:
    """Return the pages in the order of the foot of every page."""
    return accessibility_declaration(settings), privacy_notice(settings, policy, calendar), legal_notice(settings)
