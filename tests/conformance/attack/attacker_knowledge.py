"""The values that the attacker can type: those of the attacker's own accounts, and known values of other voters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

from tests.conformance.attack.attacker_account import AttackerAccount
from tests.conformance.attack.honest_voter import HonestVoter
from tests.conformance.attack.product_site_description import ProductSiteDescription
from tests.conformance.attack.simulated_voter import typed_values_of
from tests.conformance.product import Product

COMMON = ("Motdepasse1", "Vote2026", "Azertyuiop1")
CODES = ("000000", "123456", "999999")


@dataclass
class AttackerKnowledge:
    """Chooses values for the attacker at random. None comes from another voter's mailbox or telephone."""

    product: Product
    adapter: ProductSiteDescription
    paths: Mapping[str, str]
    accounts: Sequence[AttackerAccount]
    victims: list[HonestVoter] = field(default_factory=list)
    """Honest voters who are or were attacked. The last one is being attacked now."""
    random: Random = field(default_factory=Random)
    passwords: int = 0

    def true_values(self, account: AttackerAccount) -> dict[str, str]:
        """Return the true values of an account, by field."""
        password = account.password or self.new_password()
        phone = account.phones[0] if self.random.random() < 0.8 else self.random.choice(account.phones)
        own = typed_values_of(account.voter, password, phone)
        codes = account.codes or [self.random.choice(CODES)]
        return own | {"new_password": self.new_password(), "code": codes[-1]}

    def false_value(self, account: AttackerAccount) -> dict[str, str]:
        """Return values for the fields that belong to another voter or to nobody."""
        other, victim = self.random.choice(self.accounts), self.random.choice(self.victims)
        victim = self.victims[-1] if self.random.random() < 0.6 else victim
        of_victim = typed_values_of(victim.voter, self.random.choice(COMMON), "")
        phones = [*other.phones, *(each.phone for each in self.victims[:-1])]
        passwords = [other.password or COMMON[0], account.password or COMMON[0], *COMMON]
        return of_victim | {
            "password": self.random.choice(passwords),
            "new_password": self.new_password(),
            "phone": self.random.choice(phones),
            "code": self.random.choice([*CODES, *self.spent_codes, *other.codes[:1], *account.codes[:1]]),
        }

    @property
    def spent_codes(self) -> list[str]:
        """Return the used codes of other voters."""
        return [code for victim in self.victims for code in victim.spent_codes]

    def new_password(self) -> str:
        """Return a password that has not been used yet."""
        self.passwords += 1
        return f"Attaque mauve {self.passwords:04d}{self.random.randrange(10**4):04d}"

    def fill_template(
        self, template: Mapping[str, str], account: AttackerAccount, lie_probability: float
    ) -> dict[str, str]:
        """Fill in a template of a form. Each value is false with the given probability."""
        true, false = self.true_values(account), self.false_value(account)
        return {
            name: text.format_map(false if self.random.random() < lie_probability else true)
            for name, text in template.items()
        }

    def foreign_fields(self) -> dict[str, str]:
        """Return hidden fields that name another voter or another voter's case."""
        victim = self.victims[-1] if self.random.random() < 0.7 else self.random.choice(self.victims)
        cases = victim.cases[-1:] if self.random.random() < 0.7 else victim.cases[:1]
        fields = {"email": victim.voter.email, "case": [*cases, "7F3K-92QD"][0]}
        fields |= {"user": victim.voter.email, "voter": victim.voter.numen}
        chosen = self.random.choice(["case", "email", *sorted(fields)])
        return {chosen: fields[chosen]}

    def altered_secret(self, secret: str) -> str:
        """Return a secret after altering, shortening or lengthening it, or return a different secret."""
        if not secret:
            return "A"
        at = self.random.randrange(len(secret))
        others = [each.rpartition("/")[2] for account in self.accounts for each in account.addresses] or ["A" * 43]
        return quote(
            self.random.choice(
                [
                    secret[:at] + self.random.choice("AZ09-_") + secret[at + 1 :],
                    secret[:at],
                    secret[:-at],
                    secret + secret[:2],
                    secret[::-1],
                    self.random.choice(others),
                    f"{self.random.choice(self.victims).voter.email}",
                ]
            ),
            safe="@",
        )
