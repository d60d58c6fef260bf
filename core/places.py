"""The places of the site that a message points to. The site routes them; the courier writes them."""

LINK_PATH = "/lien/"
STOP_PATH = "/pas-moi/"


def link_address(site: str, token: str) -> str:
    """Where a recovery link leads."""
    return f"{site}{LINK_PATH}{token}"


def stop_address(site: str, token: str) -> str:
    """Where "ce n'était pas moi" leads."""
    return f"{site}{STOP_PATH}{token}"
