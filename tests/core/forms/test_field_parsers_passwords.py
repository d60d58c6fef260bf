"""Tests the parsing of passwords at sign-in and when a new password is chosen."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.flows.password_rules import password_criteria
from core.forms import errors
from core.forms.field_parsers import is_criterion_met, new_password_parser, parse_password
from core.forms.flow_model import FieldRejected
from core.policy.policy import PRESETS, Policy
from core.text.text import Language
from core.text.translation import translate
from tests.support.election import GOOD

PARSE_2018 = new_password_parser(password_criteria(Policy()))
PARSE_2026 = new_password_parser(password_criteria(PRESETS["2026"]))


@given(st.text(max_size=1100))
@example("x" * 1025)
def test_a_typed_password_is_read_or_refused_and_nothing_else(typed: str) -> None:
    """Any text is refused or gives its NFC form. Spaces in it are kept."""
    try:
        password = parse_password({"password": typed})
    except FieldRejected:
        assert not typed or len(typed) > 1024
        return

    assert password == unicodedata.normalize("NFC", typed)


@given(typed=st.text(max_size=150), again=st.text(max_size=150), same=st.booleans())
@example(typed=GOOD, again="", same=True)
@example(typed="e\u0301" * 24 + "aA1", again="", same=True)
def test_a_new_password_is_read_or_refused_and_nothing_else(typed: str, again: str, *, same: bool) -> None:
    """An accepted password meets every rule that the page ticks, and was typed twice."""
    form = {"new_password": typed, "new_password_again": typed if same else again}
    for policy, parse in ((Policy(), PARSE_2018), (PRESETS["2026"], PARSE_2026)):
        try:
            password = parse(form)
        except FieldRejected:
            continue

        assert all(is_criterion_met(criterion, password) for criterion in password_criteria(policy))
        assert unicodedata.normalize("NFC", form["new_password_again"]) == password


def read_new(typed: str, again: str | None = None) -> str:
    return PARSE_2018({"new_password": typed, "new_password_again": typed if again is None else again})


def test_a_refused_password_says_which_rule_it_broke() -> None:
    """The error names each broken rule. Under the policy of 2018, only ASCII letters and digits count."""
    for typed, why in (
        ("", errors.NewPasswordMissing),
        ("Aa1 456", errors.NewPasswordTooShort),
        ("Aa1 456é" + "é" * 17, errors.NewPasswordTooLong),
        ("Aa1" + "x" * 2000, errors.NewPasswordTooLong),
        ("LAVANDE 2018", errors.NewPasswordWithoutLower),
        ("LAVANDé 2018", errors.NewPasswordWithoutLower),
        ("lavande 2018", errors.NewPasswordWithoutUpper),
        ("École bleue 2018", errors.NewPasswordWithoutUpper),
        ("Lavande bleue", errors.NewPasswordWithoutDigit),
        ("Lavande bleue ٣", errors.NewPasswordWithoutDigit),
        ("Lavande\t2018", errors.NewPasswordControlCharacter),
        *(
            (wrong, errors.NewPasswordControlCharacter)
            for wrong in (
                "Lavande bleue 2018\u200b",
                "Lavande bleue 2018\u200d",
                "\u200cLavande bleue 2018",
                "Lavande\u00a0bleue 2018",
                "Lavande bleue\u202f!2018",
            )
        ),
    ):
        with pytest.raises(why):
            read_new(typed)
    with pytest.raises(errors.NewPasswordTooShort) as several:
        read_new("é 18 €")
    reasons = errors.NewPasswordTooShort(minimum=8), errors.NewPasswordWithoutLower(), errors.NewPasswordWithoutUpper()
    assert translate(several.value.reason, Language.FRENCH) == " ".join(
        translate(each.reason, Language.FRENCH) for each in reasons
    )


def test_accented_capitals_count_where_the_policy_says_so() -> None:
    """Under the policy of 2026, accented capitals count as upper-case letters."""
    form = {"new_password": "école Élue 2018", "new_password_again": "école Élue 2018"}

    assert PARSE_2026(form) == "école Élue 2018"
    with pytest.raises(errors.NewPasswordWithoutUpper):
        PARSE_2018({name: typed.replace("É", "é") for name, typed in form.items()})


def test_a_difference_of_the_inputs_is_reported_last() -> None:
    """A difference between the two inputs is reported only if the password breaks no rule."""
    with pytest.raises(errors.NewPasswordsDiffer):
        read_new(GOOD, GOOD + " ")
    with pytest.raises(errors.NewPasswordTooShort):
        read_new("Aa1", "Aa2")


def test_composed_and_decomposed_accents_are_one_password() -> None:
    """This holds in both inputs, at the maximum length and at sign-in. Emoji are kept."""
    composed = "Aa1 " + "é" * 10 + " " + "ô" * 9
    decomposed = unicodedata.normalize("NFD", composed)

    assert len(decomposed) > len(composed) == 24
    assert read_new(composed, decomposed) == read_new(decomposed, composed) == composed
    assert parse_password({"password": decomposed}) == composed
    with pytest.raises(errors.NewPasswordTooLong):
        read_new(f"{decomposed}!")
    for kept in (
        "Famille 👨\u200d👩\u200d👧 2018",
        "Alba 2018 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    ):
        assert read_new(kept) == kept
    assert parse_password({"password": "chosen\u00a0before"}) == "chosen\u00a0before"
