"""The académies of the fictional rolls, and awkward names that break careless software, which come first in every roll."""

from dataclasses import dataclass

from core.text.text import Language


@dataclass(frozen=True, slots=True)
class Academie:
    """An académie: the domain of its addresses, and the prefix and total length (with a plus) of its mobile numbers."""

    domain: str
    prefixes: tuple[str, ...] = ("060", "061", "062", "066", "067", "068", "076", "077", "078")
    digits: int = 10


# The mainland's are fictional; overseas the names are real, since the telephone prefixes are.
MAINLAND = {
    "Lumière": Academie("ac-lumiere.example"),
    "Rivage": Academie("ac-rivage.example"),
    "Vallon": Academie("ac-vallon.example"),
    "Grand-Pré": Academie("ac-grand-pre.example"),
    "Haute-Brume": Academie("ac-haute-brume.example"),
    "Estuaire": Academie("ac-estuaire.example"),
}
ACADEMIES = {
    **MAINLAND,
    "La Réunion": Academie("ac-reunion.example", ("0692",)),
    "Guadeloupe": Academie("ac-guadeloupe.example", ("0690",)),
    "Martinique": Academie("ac-martinique.example", ("06962", "06963")),
    "Guyane": Academie("ac-guyane.example", ("06942", "06940")),
    "Mayotte": Academie("ac-mayotte.example", ("06396", "06392")),
    "Nouvelle-Calédonie": Academie("ac-noumea.example", ("+6877", "+6879"), 10),
    "Polynésie française": Academie("ac-polynesie.example", ("+68987", "+68989"), 12),
    "Saint-Pierre-et-Miquelon": Academie("ac-saint-pierre.example", ("+50855", "+50856"), 10),
    "Wallis-et-Futuna": Academie("ac-wallis.example", ("+68182", "+68183"), 10),
}


@dataclass(frozen=True, slots=True)
class FictionalName:
    """A name, the académie of its roll, and the language that its owner reads."""

    first: str
    last: str
    academie: str
    language: Language = Language.FRENCH


AWKWARD = (
    FictionalName("Camille", "Martin", "Lumière"),
    FictionalName("Oliver", "O'Brien", "Lumière", Language.ENGLISH),
    FictionalName("Marie-Ève", "Lefèvre", "Lumière"),
    FictionalName("Agrippine", "d'Aubigné", "Rivage"),
    FictionalName("Gwenaëlle", "L'Hostis", "Rivage"),
    FictionalName("Jean-François", "de La Tour", "Vallon"),
    FictionalName("Dominique", "Petit", "Vallon"),  # homonyms: four persons, two of them in one académie
    FictionalName("Dominique", "Petit", "Vallon"),
    FictionalName("Dominique", "Petit", "Rivage"),
    FictionalName("Dominique", "Petit", "La Réunion"),
    FictionalName("Anne", "O", "Lumière"),
    FictionalName("É", "Ly", "Grand-Pré"),
    FictionalName("Cœlia", "Lecœur", "Grand-Pré"),
    FictionalName("Loïc", "de L'Haÿ", "Estuaire"),
    FictionalName("Zoé", "Nuñez y Peña", "Estuaire"),
    FictionalName("Łukasz", "Wiśniewski", "Haute-Brume"),
    FictionalName("Nguyễn Thị", "Hương", "Lumière"),
    FictionalName("Jürgen", "Weiß", "Haute-Brume"),
    FictionalName("Søren", "Ågård", "Rivage"),
    FictionalName("Ayşe", "Yılmaz", "Vallon"),
    FictionalName("Nomvula", "Dlamini", "Lumière", Language.ENGLISH),
    FictionalName("Fatoumata", "N’Diaye", "Rivage"),
    FictionalName(
        "Marie-Antoinette-Joséphine", "de Montmorency-Laval de La Rochefoucauld-Liancourt d'Estissac", "Vallon"
    ),
    FictionalName("Maximilien Anne-Charles Hyacinthe", "Vandenbroucke-Schwarzenbergerhoff", "Haute-Brume"),
    FictionalName("Jean Yves", "LE GOFF", "Estuaire"),
    FictionalName("Jean-Yves", "Le Goff", "Estuaire"),
    FictionalName("marie", "du bois", "Grand-Pré"),
    FictionalName("Noël", "Noël", "Lumière"),
    FictionalName("Aïcha", "Ben Saïd-El Khoury", "Rivage"),
    FictionalName("Ginette", "Hoarau", "La Réunion"),
    FictionalName("Jean-Hugues", "Payet", "La Réunion"),
    FictionalName("Maryse", "Sainte-Rose", "Guadeloupe"),
    FictionalName("Rose-Aimée", "Mont-Désir", "Martinique"),
    FictionalName("Aïssa", "Saint-Élie", "Guyane"),
    FictionalName("Saïd", "M'Changama", "Mayotte"),
    FictionalName("Téa", "Wamytan", "Nouvelle-Calédonie"),
    FictionalName("Hinano", "Tetuanui", "Polynésie française"),
    FictionalName("Yannick", "Detcheverry", "Saint-Pierre-et-Miquelon"),
    FictionalName("Malia", "Tuʻugahala", "Wallis-et-Futuna"),
    FictionalName("Null", "Test", "Lumière"),
)
