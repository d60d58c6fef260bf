"""What makes a new password too easily guessed."""

from collections.abc import Collection

from core import errors
from core.answers import plain
from core.policy import Policy
from core.ports import Guesses
from core.steps import Rejected


def guessable(password: str, about: Collection[str], guesses: Guesses, policy: Policy) -> Rejected | None:
    """Why it cannot be taken, knowing plain words about its owner; None if it can."""
    if any(word in plain(password) for word in about):
        return errors.NewPasswordPersonal()
    if guesses.common(password):
        return errors.NewPasswordCommon()
    wanted = policy.password_strength
    if wanted and guesses.strength(password, about) < wanted:
        return errors.NewPasswordWeak()
    return None
