"""The words of the help around the steps. What a step says is in `core.flows`, what an error says in `core.errors`."""

from core import words
from core.text import N_

# ── What to do with each numbered thing ──────────────────────────────────────────────────────────────────

FILL_IN = N_("Remplissez la case « {field} ».")
CHOOSE = N_("Choisissez « {act} ».")
FIND_THE_MESSAGE = N_("Cherchez le message « {subject} ».")
CASE_NUMBER = words.CASE_NUMBER
NOTE_THE_CASE = N_("Notez votre numéro de dossier.")
