"""Set up Jinja on one folder of these templates, the same way for every face."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment(folder: str) -> Environment:
    """Return a new strict, escaping environment, to which a face adds its globals and filters. Templates are not reloaded."""
    return Environment(
        loader=PackageLoader("templates", folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
