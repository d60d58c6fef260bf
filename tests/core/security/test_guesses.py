"""The estimate is low for passwords that attackers guess early, and high for others."""

import string
import sys
from pathlib import Path
from random import Random
from types import FrameType

import pytest
from faker import Faker

from core.flows.password_rules import guessable_reason
from core.policy.policy import PRESETS, Policy
from core.security import guesses
from core.security.guesses import LONGEST, is_common_password, log10_guesses

ENOUGH = 7
WEAK_PASSWORDS = Path(__file__).parent / "weak_passwords"
GUESSED = [
    "Motdepasse1",
    "Azertyuiop1",
    "Vote2026",
    "Rentree2026",
    "Elections2026",
    "Marseille13",
    "Soleil123",
    "Jetaime1",
    "Bonjour2026",
    "Doudou59!",
    "M0tdepasse!",
    "4zertyUIOP",
    "P@ssw0rd2026",
    "J3taime!!",
    "Mot_de_passe_1",
    "Mot2passe1",
    "Papa&Maman1",
    "BonjourSoleil1",
    "SoleilSoleil1",
    "Nicolas14071989",
    "Isabelle1975",
    "75Isabelle",
    "Professeur75",
    "Directrice01",
    "Inspecteur2!",
    "Ecole1234",
    "Printemps26",
    "Decembre2018",
    "Toulouse31!",
    "Versailles78",
    "Allezlom13",
    "Francefrance1",
    "Chocolat99",
    "Qsdfghjklm1",
    "Aqwzsx123",
    "Wxcvbn2026",
    "Poiuytreza1",
    "Abcd1234",
    "Academie2026",
    "Snuipp2026",
    "Bulletin1!",
    "Candidat2026",
    "Lavande2018",
    "Chaton2015",
    "Kevin2004",
    "Aaaaaaa1",
    "Aa111111",
    "Ab12121212",
    "Marianne1792",
    "11Novembre1918",
    "Jevaisvoter1",
    "Laviestbelle1",
    "Monpetitlapin1",
    "Supermaman1",
    "Cpe2026cpe",
    "Caen14000!",
    "Peuchere13",
    "Ladilafe974",
    "Chandeleur2",
    "Meringue5",
    "Quatrevingt80",
    "Ab102030405",
    "Llabtoof1",
]
GOOD = """
    Lavande bleue 2018/Nuage violet 2018/Girafe timide 2019/Girafe tambour 31/Le chat dort au soleil 7/Orage calme 2018
    Quatre sabots verts 17/Tarte aux 3 Pommes/Lilas élégant 31/Encore un orage 2018/Bel été à Évian 2018
    Girafe-Tambour-Ciseau-42/Kx7 wq3 Zvj8 nk/tR4vbQ9zLm/vW8#kq2Lx
"""
SENTENCES = [each.strip() for line in GOOD.split("\n") for each in line.split("/") if each.strip()]


def test_words_with_tails_are_guessed() -> None:
    """Words, names, towns and keyboard rows count as weak, also in l33t, doubled or with digits."""
    assert Policy().password_guesses == 10**ENOUGH
    assert [each for each in GUESSED if log10_guesses(each) >= ENOUGH] == []


def test_unrelated_words_and_random_letters_withstand() -> None:
    """Passwords of several unrelated words or of random characters count as strong."""
    assert [each for each in SENTENCES if log10_guesses(each) < ENOUGH] == []


def test_next_to_no_password_drawn_at_random_is_refused() -> None:
    """Fewer than one in two hundred random passwords of letters and digits counts as weak."""
    for size in (10, 11, 12):
        draw = Random(size)  # noqa: S311  # the same ones each time
        drawn = ["".join(draw.choices(string.ascii_letters + string.digits, k=size)) for _ in range(600)]

        assert sum(log10_guesses(each) < ENOUGH for each in drawn) < 3


def test_next_to_no_three_words_are_refused() -> None:
    """Fewer than one in two hundred passwords of three French words and a digit counts as weak."""
    faker = Faker("fr_FR")
    faker.seed_instance(13)
    words = [word for word in dict.fromkeys(faker.words(3000)) if 4 <= len(word) <= 8 and word.isalpha()]
    draw = Random(13)  # noqa: S311  # the same ones each time
    drawn = [" ".join(draw.sample(words, 3)).capitalize() + f" {draw.randrange(10)}" for _ in range(600)]

    assert sum(log10_guesses(each) < ENOUGH for each in drawn) < 3


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("kind", "accepted_share"), [("concepts", 0.10), ("communes", 0.05)])
def test_next_to_no_everyday_word_with_digits_is_accepted(preset: str, kind: str, accepted_share: float) -> None:
    """Of everyday words with digits, at most one in ten is accepted, and of communes at most one in twenty.

    The word lists were chosen with one half of these passwords, and the limit also holds for the other half.
    """
    passwords = (WEAK_PASSWORDS / f"{kind}.txt").read_text("utf-8").split()
    for half in (passwords[::2], passwords[1::2]):
        accepted = [each for each in half if guessable_reason(each, (), PRESETS[preset]) is None]

        assert len(accepted) <= accepted_share * len(half), accepted


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("words_in_a_phrase", [3, 4])
def test_no_phrase_of_everyday_words_is_refused(preset: str, words_in_a_phrase: int) -> None:
    """No phrase of three or four random everyday words with a digit is refused."""
    words = [word for line in guesses.lines("everyday.txt") for word in line.split()]
    draw = Random(words_in_a_phrase)  # noqa: S311  # the same ones each time
    drawn = [f"{' '.join(draw.sample(words, words_in_a_phrase)).capitalize()} {draw.randrange(10)}" for _ in range(300)]

    assert [each for each in drawn if guessable_reason(each, (), PRESETS[preset])] == []


def test_only_a_frequent_word_is_called_one_of_the_most_used_passwords() -> None:
    """A commune with its département counts as weak, but not as one of the most used passwords."""
    assert is_common_password("Iloveyou1")
    assert not is_common_password("Eguisheim68")
    assert log10_guesses("Eguisheim68") < ENOUGH


def test_words_about_the_owner_are_guessed_at_once() -> None:
    """A password that contains its owner's name counts as weak, also in l33t."""
    assert log10_guesses("W4mytanoviczky2018", ("wamytanoviczky",)) < 3 < ENOUGH < log10_guesses("W4mytanoviczky2018")


def calls(password: str) -> int:
    """Count the function calls of an estimate."""
    counted = 0

    def count(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal counted
        counted += 1

    sys.setprofile(count)
    try:
        log10_guesses(password)
    finally:
        sys.setprofile(None)
    return counted


def test_the_work_does_not_grow_with_what_is_typed() -> None:
    """Estimating the worst long password takes at most twice the work of an ordinary long one."""
    for password in ("4@3€0!1$57+" * 12, "\ufdfa" * 128, "é" * 128):
        assert calls(password) < 2 * calls("Girafe timide 2019 " * 7)


def test_an_end_that_is_not_looked_at_makes_nothing_weaker() -> None:
    """Only the first characters of a long password are estimated."""
    assert log10_guesses("Girafe timide 2019 " * 7) >= ENOUGH
    assert log10_guesses("x" * LONGEST + "Girafe timide 2019") < ENOUGH
