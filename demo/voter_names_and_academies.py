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
class NameAndAcademie:
    """A name, the académie of its roll, and the language that its owner reads."""

    first: str
    last: str
    academie: str
    language: Language = Language.FRENCH


AWKWARD = (
    NameAndAcademie("Camille", "Martin", "Lumière"),
    NameAndAcademie("Oliver", "O'Brien", "Lumière", Language.ENGLISH),
    NameAndAcademie("Marie-Ève", "Lefèvre", "Lumière"),
    NameAndAcademie("Agrippine", "d'Aubigné", "Rivage"),
    NameAndAcademie("Gwenaëlle", "L'Hostis", "Rivage"),
    NameAndAcademie("Jean-François", "de La Tour", "Vallon"),
    NameAndAcademie("Dominique", "Petit", "Vallon"),  # homonyms: four persons, two of them in one académie
    NameAndAcademie("Dominique", "Petit", "Vallon"),
    NameAndAcademie("Dominique", "Petit", "Rivage"),
    NameAndAcademie("Dominique", "Petit", "La Réunion"),
    NameAndAcademie("Anne", "O", "Lumière"),
    NameAndAcademie("É", "Ly", "Grand-Pré"),
    NameAndAcademie("Cœlia", "Lecœur", "Grand-Pré"),
    NameAndAcademie("Loïc", "de L'Haÿ", "Estuaire"),
    NameAndAcademie("Zoé", "Nuñez y Peña", "Estuaire"),
    NameAndAcademie("Łukasz", "Wiśniewski", "Haute-Brume"),
    NameAndAcademie("Nguyễn Thị", "Hương", "Lumière"),
    NameAndAcademie("Jürgen", "Weiß", "Haute-Brume"),
    NameAndAcademie("Søren", "Ågård", "Rivage"),
    NameAndAcademie("Ayşe", "Yılmaz", "Vallon"),
    NameAndAcademie("Nomvula", "Dlamini", "Lumière", Language.ENGLISH),
    NameAndAcademie("Fatoumata", "N’Diaye", "Rivage"),
    NameAndAcademie(
        "Marie-Antoinette-Joséphine", "de Montmorency-Laval de La Rochefoucauld-Liancourt d'Estissac", "Vallon"
    ),
    NameAndAcademie("Maximilien Anne-Charles Hyacinthe", "Vandenbroucke-Schwarzenbergerhoff", "Haute-Brume"),
    NameAndAcademie("Jean Yves", "LE GOFF", "Estuaire"),
    NameAndAcademie("Jean-Yves", "Le Goff", "Estuaire"),
    NameAndAcademie("marie", "du bois", "Grand-Pré"),
    NameAndAcademie("Noël", "Noël", "Lumière"),
    NameAndAcademie("Aïcha", "Ben Saïd-El Khoury", "Rivage"),
    NameAndAcademie("Ginette", "Hoarau", "La Réunion"),
    NameAndAcademie("Jean-Hugues", "Payet", "La Réunion"),
    NameAndAcademie("Maryse", "Sainte-Rose", "Guadeloupe"),
    NameAndAcademie("Rose-Aimée", "Mont-Désir", "Martinique"),
    NameAndAcademie("Aïssa", "Saint-Élie", "Guyane"),
    NameAndAcademie("Saïd", "M'Changama", "Mayotte"),
    NameAndAcademie("Téa", "Wamytan", "Nouvelle-Calédonie"),
    NameAndAcademie("Hinano", "Tetuanui", "Polynésie française"),
    NameAndAcademie("Yannick", "Detcheverry", "Saint-Pierre-et-Miquelon"),
    NameAndAcademie("Malia", "Tuʻugahala", "Wallis-et-Futuna"),
    NameAndAcademie("Null", "Test", "Lumière"),
)
