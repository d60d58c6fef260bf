from dataclasses import dataclass

from core.forms.errors import Refusal, RefusalKind
from core.text.text import N_, NN_, Text

EXAMPLE_ADDRESS = "camille.martin@ac-lumiere.example"

# ── The file as a whole ──────────────────────────────────────────────────────────────────────────────────


class RollNotText(Refusal):
    id = "roll-not-text"
    kind = RefusalKind.UNREADABLE
    title = N_("Ce fichier n'est pas un texte CSV lisible. Rien n'a été importé.")
    remedy = (N_("Dans le tableur, enregistrez la feuille au format « CSV UTF-8 », puis recommencez."),)


class EmptyRoll(Refusal):
    """Raised when a roll file contains no headings or no people."""

    id = "roll-empty"
    kind = RefusalKind.UNREADABLE
    title = N_("Ce fichier ne contient personne. Rien n'a été importé.")
    remedy = (N_("Colonnes attendues : {expected}."), N_("Facultatives : {optional}."))


class RollChangedMeanwhile(Refusal):
    id = "roll-changed-meanwhile"
    title = N_("Un autre import a changé la liste pendant celui-ci. Rien n'a été importé.")
    remedy = (N_("Relancez la commande : elle comparera avec la liste telle qu'elle est maintenant."),)


class WrongRollColumns(Refusal):
    id = "roll-columns"
    kind = RefusalKind.UNREADABLE
    title = N_("Les colonnes de ce fichier ne conviennent pas. Rien n'a été importé.")
    remedy = (
        Text("{wrong}"),  # `wrong` is translated already
        N_("Colonnes trouvées : {found}."),
        N_("Colonnes attendues : {expected}."),
        N_("Facultatives : {optional}."),
    )


MISSING_COLUMNS = N_("Il manque : {names}.")
UNKNOWN_COLUMNS = N_("Colonnes inconnues : {names}.")
COLUMN_TWICE = N_("Deux colonnes disent la même chose : {names}.")

# ── One line ─────────────────────────────────────────────────────────────────────────────────────────────


FAULT = N_("Ligne {line}, « {value} » : {reason}")
FAULT_OF_NOTHING = N_("Ligne {line} : {reason}")


@dataclass(frozen=True, slots=True)
class RollLineFault:
    line: int
    value: str
    reason: Text

    def sentence(self) -> Text:
        sentence = FAULT if self.value.strip() else FAULT_OF_NOTHING
        return sentence.fill({"line": str(self.line), "value": self.value, "reason": self.reason})


class RollFaulty(Refusal):
    id = "roll-faulty"
    kind = RefusalKind.UNREADABLE
    title = N_("Ce fichier contient des erreurs. Rien n'a été importé.")
    remedy = (N_("Corrigez le fichier, puis recommencez."),)

    def __init__(self, faults: tuple[RollLineFault, ...], total: int) -> None:
        super().__init__()
        self.faults = faults
        self.total = total


MISSING = N_("il manque : {column}.")
ADDRESS_UNREADABLE = N_("ce n'est pas une adresse complète, comme {example}.", example=EXAMPLE_ADDRESS)
ADDRESS_ODD_CHARACTER = N_("le caractère « {character} » n'existe pas dans une adresse professionnelle.")
LOCAL_PART_TOO_LONG = N_("ce qui précède le @ a plus de {maximum} caractères : des messageries le refusent.")
NAME_TOO_LONG = N_("ce texte a plus de {maximum} caractères.")
ADDRESS_TWICE = N_("cette adresse est déjà à la ligne {first} : deux personnes ne peuvent pas partager une adresse.")
NUMEN_MALFORMED = N_(
    "ce n'est pas un NUMEN : deux chiffres, une lettre, sept chiffres, trois lettres, comme {example}.",
    example="01E0123456ABC",
)
NUMEN_TWICE = N_("ce NUMEN est déjà à la ligne {first}.")
NOT_A_DATE = N_("cette date n'existe pas ou n'est pas écrite comme 31/12/1970 ou 1970-12-31.")
UNLIKELY_AGE = N_("cette date de naissance donnerait {age} ans : elle doit donner de {youngest} à {oldest} ans.")
BORN_LATER = N_("cette date de naissance est dans l'avenir.")
PHONE_UNREADABLE = N_("ce n'est pas un numéro de téléphone : de {fewest} à {most} chiffres, avec ou sans + au début.")
VERIFIER_UNREADABLE = N_(
    "ce n'est pas un vérificateur : un sel, deux-points, puis les 32 octets du vérificateur, tous deux en base64."
)
LANGUAGE_UNKNOWN = N_("cette langue n'est pas proposée : écrivez fr ou en.")
WEB_ADDRESS = N_("ce texte contient une adresse web ou une adresse électronique ; retapez-le sans elle.")
INVISIBLE_CHARACTER = N_("ce texte contient un caractère qui ne se voit pas ; retapez-le.")
WRONG_NUMBER_OF_CELLS = N_("cette ligne compte {found} cellules au lieu de {expected}.")
QUOTES_ASTRAY = N_("les guillemets de cette ligne ne vont pas par deux, ou une cellule est beaucoup trop longue.")
LINE_FAULTS = NN_("{count} erreur en tout.", "{count} erreurs en tout.")
LINES_LEFT_OUT = NN_("… et {count} autre.", "… et {count} autres.")

# ── What an import changes ───────────────────────────────────────────────────────────────────────────────

IMPORT_HELP = N_("Importe une liste électorale (CSV). Sur une liste déjà remplie, montre d'abord ce qui changerait.")
ROLL_HELP = N_("La liste électorale.")
APPLY_HELP = N_("Applique les changements.")
COLUMNS_HELP = N_(
    "Montre les colonnes d'une liste électorale : ce qu'elles contiennent et comment s'écrivent leurs titres."
)
READING = N_("Lecture du fichier")
WRITING = N_("Enregistrement")
CORRECTION = N_("  ligne {line}, {address} : {columns}")
PSEUDONYM = N_("nom pour le service de vote")
IMPOSSIBLE = N_("L'import n'a pas pu se faire ({detail}). Rien n'a été importé.")
NOTHING_TO_CHANGE = N_("La liste est déjà celle de ce fichier : rien à changer.")
APPLIED = N_("C'est fait.")
NOT_APPLIED = N_("Rien n'a été changé. Pour appliquer ces changements, relancez la commande avec --apply.")


REMOVING_HELP = N_("Le nombre de personnes que l'import retire, s'il en retire beaucoup.")
REMOVED_COUNT = N_("Si c'est voulu, tapez le nombre de personnes retirées")
CONFIRM_REMOVALS_HINT = NN_(
    "Rien n'a été changé : {count} personne serait retirée, plus que d'habitude. Vérifiez que c'est la liste de cette élection. Si c'est voulu, tapez : retrouve roll import {path} --dir {folder} --apply --removing {removed}",
    "Rien n'a été changé : {count} personnes seraient retirées, plus que d'habitude. Vérifiez que c'est la liste de cette élection. Si c'est voulu, tapez : retrouve roll import {path} --dir {folder} --apply --removing {removed}",
)
PERSONS_UNCHANGED = NN_("{count} personne inchangée", "{count} personnes inchangées")
PERSONS_ADDED = NN_("{count} personne ajoutée", "{count} personnes ajoutées")
PERSONS_CORRECTED = NN_("{count} personne corrigée", "{count} personnes corrigées")
PERSONS_RETURNED = NN_("{count} personne revenue", "{count} personnes revenues")
PERSONS_REMOVED = NN_("{count} personne retirée", "{count} personnes retirées")
ROWS_ALTERED = NN_(
    "Rien n'a été importé : la ligne de {count} électeur n'est pas telle que ce service l'a écrite. Voyez : retrouve journal verify",
    "Rien n'a été importé : les lignes de {count} électeurs ne sont pas telles que ce service les a écrites. Voyez : retrouve journal verify",
)
