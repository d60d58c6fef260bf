"""What any command may have to say at its terminal."""

from core.text import N_

STORE_UNREADY = N_(
    "La base de données ne peut pas être utilisée ({detail}). Rien n'a été changé. Pour savoir pourquoi : retrouve doctor"
)
