"""What a store says when it could not do as it was asked."""


class Moved(Exception):
    """The row has another version than the one read: read again and decide again."""


class ClaimLost(Exception):
    """The parcel's lease is over and another courier has it, or it has ended: leave it alone."""


class Exhausted(Exception):
    """A counter stands at its limit: nothing of this transaction was done."""


class Duplicate(Exception):
    """Two persons of the present roll would share an address or a NUMEN."""


class Unready(Exception):
    """The store cannot be reached, is full or is read-only; nothing was done. The message is for operators."""
