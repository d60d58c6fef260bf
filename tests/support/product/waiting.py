"""Wait for results of a product, and run many calls at once."""

from conformance.polling_and_parallel_calls import DidNotHappen, eventually, in_parallel
from core.delivery.courier import LEASE

__all__ = ["SECONDS_OF_A_CLAIM", "DidNotHappen", "eventually", "in_parallel"]

SECONDS_OF_A_CLAIM = int(LEASE.total_seconds()) + 10
"""A courier with its clock so far ahead takes over the messages claimed by killed ones."""
