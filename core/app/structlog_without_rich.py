"""Import structlog without the libraries that paint tracebacks on terminals; our log lines are JSON.

Structlog loads rich and Pygments wherever they are installed, which takes a tenth of the time in which the site starts. The
command imports this module before any that logs.
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
