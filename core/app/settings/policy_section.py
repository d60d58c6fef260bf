"""The [policy] section of election.toml: a preset and the numbers that differ from it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated

from pydantic import ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import InitErrorDetails, ValidationError

from core.app.settings.refusals import refuse
from core.policy.policy import PRESETS, Policy
from core.text.text import N_

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
"""Pairs of policy numbers. In each pair, the first must not exceed the second."""
DISORDERED = N_("{larger} ({larger_value}) doit être supérieur ou égal à {smaller} ({smaller_value}).")


def _validate_with_preset(written: object, validate: ValidatorFunctionWrapHandler) -> Policy:
    if not isinstance(written, Mapping):
        policy: Policy = validate(written)
        return policy
    preset = written.get("preset", DEFAULT_PRESET)
    if str(preset) not in PRESETS:
        choices = {"expected": " or ".join(f'"{name}"' for name in PRESETS)}
        details = InitErrorDetails(type="literal_error", loc=("preset",), input=preset, ctx=choices)
        raise ValidationError.from_exception_data("policy", [details])
    base = {each.name: getattr(PRESETS[str(preset)], each.name) for each in fields(Policy)}
    numbers = {name: _boolean_as_text(base.get(name), value) for name, value in written.items() if name != "preset"}
    policy = validate(base | numbers)
    for smaller, larger in ORDERED:
        low, high = getattr(policy, smaller), getattr(policy, larger)
        if low > high:
            facts = {"smaller": smaller, "larger": larger, "smaller_value": low, "larger_value": high}
            name, value = (larger, high) if larger in written else (smaller, low)
            refuse((name,), value, DISORDERED.fill(facts))
    return policy


def _boolean_as_text(default: object, value: object) -> object:
    """Turn a boolean into text if a number is expected, so that pydantic rejects it."""
    return str(value).lower() if isinstance(value, bool) and not isinstance(default, bool) else value


PolicySection = Annotated[Policy, WrapValidator(_validate_with_preset)]
