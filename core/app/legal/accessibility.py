"""The accessibility declaration that French law requires."""

from core.app.legal.pages import NOT_GIVEN, TextPage, TextPart
from core.app.settings import Settings
from core.app.settings.sections import LegalSection
from core.text.text import N_, DayWithYear, Text
from core.text.urls import ACCESSIBILITY_PATH

ALL, HALF = 100, 50
"""Minimum percentages for full and partial conformity (décret n° 2019-768, article 2)."""
CONFORM, PARTLY, NOT_CONFORM = N_("totalement conforme"), N_("partiellement conforme"), N_("non conforme")
KNOWN_GAPS: tuple[Text, ...] = (
    N_("Critère 13.3 : les diaporamas (PowerPoint) n'ont pas été contrôlés. Leur contenu est aussi dans l'aide."),
    N_("Critère 13.4 : les guides à imprimer (PDF) ne sont contrôlés que par des programmes."),
    N_("Aucune personne en situation de handicap n'a encore testé le service."),
)


def legal_conformity_state(legal: LegalSection) -> Text:
    """Return the legal degree of accessibility. A site without an audit counts as not conforming."""
    if legal.audit_on is None or legal.audit_percent is None or legal.audit_percent < HALF:
        return NOT_CONFORM
    return CONFORM if legal.audit_percent == ALL else PARTLY


def accessibility_declaration(settings: Settings) -> TextPage:
    # Follows the model of RGAA 4.1.2.
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
                N_("Ces points ne sont pas conformes, ou n'ont pas été vérifiés par une personne :"),
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
                N_("Elle vous proposera une autre solution."),
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
            "Aucun audit n'a encore été enregistré : le site est donc déclaré non conforme, quels que soient les résultats des contrôles."
        )
    return N_(
        "L'audit du {day}, par {auditor}, a trouvé conformes {percent} % des critères qui s'appliquent.",
        day=DayWithYear(legal.audit_on),
        auditor=legal.audit_by or NOT_GIVEN,
        percent=legal.audit_percent,
    )
