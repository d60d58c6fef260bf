"""Tell what this election's policy does not protect a voting identifier against."""

from cli.checks import CheckResult, passed, warning
from core.app import doctor_sentences as words
from core.policy.policy import Policy


def check_identifier_protection(policy: Policy) -> CheckResult:
    """Name who could receive somebody else's identifier."""
    if policy.confirm_in_mailbox:
        return passed(words.IDENTITY, words.IDENTITY_BY_MAILBOX)
    return warning(words.IDENTITY, words.IDENTITY_BY_PASSWORD, words.CONFIRM_IN_MAILBOX)
