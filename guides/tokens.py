"""The design system's colours and faces of type, as the forms' stylesheet gives them: what is no web page takes them too."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

ROOT = re.compile(r"^:root \{.*?^\}", re.DOTALL | re.MULTILINE)
TOKEN = re.compile(r"--([\w-]+): ([^;]+);")


def root_rule() -> str:
    """The rule of the stylesheet that names them, for light paper."""
    found = ROOT.search((files("templates") / "static" / "retrouve.css").read_text("utf-8"))
    if found is None:
        raise LookupError("the stylesheet names no tokens")
    return found[0]


@cache
def tokens() -> Mapping[str, str]:
    """Each by its name: "petrol" is "#0e4a4b"."""
    return dict(TOKEN.findall(root_rule()))
