"""The states of an order in the recipe flow."""

import msgspec


class Ordered(msgspec.Struct, frozen=True, tag="ordered"):
    """A recipe has been ordered. The flow continues with the link in the mail."""

    born: str

    def cook(self, dish: str) -> "Cooking":
        """Return the state after a dish has been chosen."""
        return Cooking(dish=dish)


class Cooking(msgspec.Struct, frozen=True, tag="cooking"):
    """The dish is in the oven."""

    dish: str

    def serve(self) -> "Served":
        """Return the state after the oven has been opened with its code."""
        return Served(dish=self.dish)


class Served(msgspec.Struct, frozen=True, tag="served"):
    """The dish is on the table."""

    dish: str


State = Ordered | Cooking | Served
