"""The colours and fonts of the design system, read from the forms' stylesheet for the PDF and the deck."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

ROOT = re.compile(r"^:root \{.*?^\}", re.DOTALL | re.MULTILINE)
TOKEN = re.compile(r"--([\w-]+): ([^;]+);")


def css_root_rule() -> str:
    """Return the stylesheet's rule that defines them, for light paper."""
    found = ROOT.search((files("templates") / "static" / "retrouve.css").read_text("utf-8"))
    if found is None:
        raise LookupError("the stylesheet names no tokens")
    return found[0]


@cache
def token_values() -> Mapping[str, str]:
    """Return the value of each token: "petrol" is "#0e4a4b"."""
    return dict(TOKEN.findall(css_root_rule()))
