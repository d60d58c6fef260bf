"""structlog, without the libraries with which it paints tracebacks on terminals: our lines are JSON.

It loads rich, and Pygments with it, wherever they are installed, which takes a tenth of the time in which the site starts. A
module that is imported before any that logs has them overlooked; who wants them later loads them as ever.
"""

import sys

PAINTERS = ("rich", "better_exceptions")

_hidden = [name for name in PAINTERS if name not in sys.modules]
sys.modules.update(dict.fromkeys(_hidden))  # type: ignore[arg-type]  # None: the import system's mark for what is not to be found
try:
    import structlog  # noqa: F401  # once is for good
finally:
    for _name in _hidden:
        del sys.modules[_name]
