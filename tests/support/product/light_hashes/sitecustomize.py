"""Makes every Python process that has this folder in PYTHONPATH hash passwords cheaply."""

from core.adapters.password_hashing import Argon2PasswordHasher

LIGHT = {"memory_kib": 8, "time": 1}
_defaults = Argon2PasswordHasher.__init__.__kwdefaults__
assert LIGHT.keys() <= _defaults.keys()
_defaults |= LIGHT
