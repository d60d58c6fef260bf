"""What `retrouve serve` says."""

from core.text import N_

ADDRESS_TAKEN = N_(
    "{host}:{port} ne peut pas servir au site ({detail}). Changez [web] port dans election.toml, ou arrêtez ce qui l'occupe."
)
