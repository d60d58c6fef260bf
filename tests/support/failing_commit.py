from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event


@contextmanager
def failing_commit(fail: Callable[[Connection], None]) -> Iterator[None]:
    """Call `fail` before each COMMIT of any database engine while the block runs."""
    event.listen(Engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(Engine, "commit", fail)
