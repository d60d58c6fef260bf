"""A person's browser, which knows the addresses of the product's pages."""

from conformance import browser
from conformance.html_page import HtmlPage

CHOOSE = "/mot-de-passe/nouveau-mot-de-passe"
MESSAGE = "/mot-de-passe/message"
CONFIRM = "/mot-de-passe/confirmation"
SPACE = "/espace/accueil"


class SiteBrowser(browser.VoterBrowser):
    """One person's browser at a site."""

    def confirming(self, email: str) -> dict[str, str]:
        """Go to MP-3, and return the headers with which the message is asked for once."""
        self.go_to_link_request_step(email)
        return {"Cookie": self.cookie_header}

    def submit_new_password(self, password: str, again: str | None = None) -> HtmlPage:
        """Send a new password, whether or not the page of MP-6 was seen."""
        return self.post(CHOOSE, {"new_password": password, "new_password_again": password if again is None else again})
