"""The académies of the fictional rolls, and the names that break careless software: they come first in every roll."""

from dataclasses import dataclass

from core.text import Language


@dataclass(frozen=True, slots=True)
class Academie:
    """Where its addresses are, and how its people's mobile numbers begin; `digits` counts the whole, with a plus."""

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
class Named:
    """A name, the académie it is on the roll of, and the language its owner reads."""

    first: str
    last: str
    academie: str
    language: Language = Language.FRENCH


AWKWARD = (
    Named("Camille", "Martin", "Lumière"),
    Named("Oliver", "O'Brien", "Lumière", Language.ENGLISH),
    Named("Marie-Ève", "Lefèvre", "Lumière"),
    Named("Agrippine", "d'Aubigné", "Rivage"),
    Named("Gwenaëlle", "L'Hostis", "Rivage"),
    Named("Jean-François", "de La Tour", "Vallon"),
    Named("Dominique", "Petit", "Vallon"),  # homonyms: four persons, two of them in one académie
    Named("Dominique", "Petit", "Vallon"),
    Named("Dominique", "Petit", "Rivage"),
    Named("Dominique", "Petit", "La Réunion"),
    Named("Anne", "O", "Lumière"),
    Named("É", "Ly", "Grand-Pré"),
    Named("Cœlia", "Lecœur", "Grand-Pré"),
    Named("Loïc", "de L'Haÿ", "Estuaire"),
    Named("Zoé", "Nuñez y Peña", "Estuaire"),
    Named("Łukasz", "Wiśniewski", "Haute-Brume"),
    Named("Nguyễn Thị", "Hương", "Lumière"),
    Named("Jürgen", "Weiß", "Haute-Brume"),
    Named("Søren", "Ågård", "Rivage"),
    Named("Ayşe", "Yılmaz", "Vallon"),
    Named("Nomvula", "Dlamini", "Lumière", Language.ENGLISH),
    Named("Fatoumata", "N’Diaye", "Rivage"),
    Named("Marie-Antoinette-Joséphine", "de Montmorency-Laval de La Rochefoucauld-Liancourt d'Estissac", "Vallon"),
    Named("Maximilien Anne-Charles Hyacinthe", "Vandenbroucke-Schwarzenbergerhoff", "Haute-Brume"),
    Named("Jean Yves", "LE GOFF", "Estuaire"),
    Named("Jean-Yves", "Le Goff", "Estuaire"),
    Named("marie", "du bois", "Grand-Pré"),
    Named("Noël", "Noël", "Lumière"),
    Named("Aïcha", "Ben Saïd-El Khoury", "Rivage"),
    Named("Ginette", "Hoarau", "La Réunion"),
    Named("Jean-Hugues", "Payet", "La Réunion"),
    Named("Maryse", "Sainte-Rose", "Guadeloupe"),
    Named("Rose-Aimée", "Mont-Désir", "Martinique"),
    Named("Aïssa", "Saint-Élie", "Guyane"),
    Named("Saïd", "M'Changama", "Mayotte"),
    Named("Téa", "Wamytan", "Nouvelle-Calédonie"),
    Named("Hinano", "Tetuanui", "Polynésie française"),
    Named("Yannick", "Detcheverry", "Saint-Pierre-et-Miquelon"),
    Named("Malia", "Tuʻugahala", "Wallis-et-Futuna"),
    Named("Null", "Test", "Lumière"),
)
