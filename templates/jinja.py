"""Jinja on one folder of these templates, the same for every face: strict, escaping, compiled once."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment(folder: str) -> Environment:
    """A fresh one, for the face to put its own globals and filters in. Templates do not change under a running server."""
    return Environment(
        loader=PackageLoader("templates", folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
