"""Reads the colours and fonts of the design system from the site's style sheet."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

ROOT = re.compile(r"^:root \{.*?^\}", re.DOTALL | re.MULTILINE)
TOKEN = re.compile(r"--([\w-]+): ([^;]+);")


def css_root_rule() -> str:
    """Return the style sheet's `:root` rule, which defines the light theme."""
    found = ROOT.search((files("templates") / "static" / "retrouve.css").read_text("utf-8"))
    if found is None:
        raise LookupError("the style sheet has no `:root` rule with design tokens")
    return found[0]


@cache
def token_values() -> Mapping[str, str]:
    return dict(TOKEN.findall(css_root_rule()))
