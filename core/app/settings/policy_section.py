"""The section [policy] of election.toml: a preset, and the numbers that the election changes in it."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from core.app.settings import refused_setting_sentences as words
from core.app.settings.value_types import refuse_setting
from core.policy.policy import PRESETS, Policy

DEFAULT_PRESET = "2018"
ORDERED = (
    ("password_minimum_length", "password_maximum_length"),
    ("link_mail_margin_minutes", "link_valid_minutes"),
    ("resend_after_minutes", "link_valid_minutes"),
    ("normal_mail_delay_minutes", "link_valid_minutes"),
    ("asks_per_network", "asks_per_address"),
    ("link_mail_margin_minutes", "confirmation_valid_minutes"),
    ("resend_after_minutes", "confirmation_valid_minutes"),
    ("sign_in_tries", "sign_in_tries_from_strangers"),
    ("sms_per_voter_per_hour", "sms_per_voter_per_day"),
    ("numbers_per_voter_per_hour", "numbers_per_voter_per_day"),
    ("sms_per_phone_per_day", "sms_per_country_per_day"),
    ("sms_per_country_per_day", "sms_per_day"),
)
"""Pairs of numbers of the policy of which the first must be at most the second."""
FORMER_NUMBERS = frozenset({"links_alive"})
"""Numbers of former versions. They mean nothing now, and the file of an election that has begun may still hold them."""


def _with_preset(written: object) -> object:
    """Lay the numbers of the file over those of its preset."""
    if not isinstance(written, Mapping):
        return written
    preset = str(written.get("preset", DEFAULT_PRESET))
    if preset not in PRESETS:
        choices = ", ".join(f'"{name}"' for name in PRESETS)
        refuse_setting("preset", preset, words.NOT_A_CHOICE, words.ONE_OF.fill({"choices": choices}))
    base = {name: getattr(PRESETS[preset], name) for name in Policy.__dataclass_fields__}
    numbers = {name: value for name, value in written.items() if name not in {"preset", *FORMER_NUMBERS}}
    return base | {name: _number(base.get(name), value) for name, value in numbers.items()}


def _number(default: object, value: object) -> object:
    """Turn a boolean into a word where a number is due, so that it is not read as 0 or 1."""
    return str(value).lower() if isinstance(value, bool) and not isinstance(default, bool) else value


def _require_order(policy: Policy) -> Policy:
    for smaller, larger in ORDERED:
        low, high = getattr(policy, smaller), getattr(policy, larger)
        if low > high:
            names = {"smaller": smaller, "larger": larger}
            reason = words.NUMBERS_DISORDERED.fill({**names, "smaller_value": low, "larger_value": high})
            refuse_setting(larger, high, reason, words.NUMBERS_IN_ORDER.fill(names), instead=smaller)
    return policy


def _require_table(written: object) -> object:
    if not isinstance(written, Mapping | Policy):
        raise PydanticCustomError("model_type", "not a table")
    return written


PolicySection = Annotated[
    Policy, BeforeValidator(_with_preset), BeforeValidator(_require_table), AfterValidator(_require_order)
]
"""[policy]: a preset, and over it any numbers of `core.policy.policy.Policy`, within the bounds of its type."""
