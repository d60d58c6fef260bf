"""What is said when the figures for Prometheus cannot be told."""

from core.text import N_

NO_PLACE = N_(
    "Les mesures ne peuvent pas être lues à {place} : {detail}. Changez la section [metrics] d'election.toml."
)
