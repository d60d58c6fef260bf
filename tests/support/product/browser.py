"""One person's browser, which knows its way through the pages."""

from http.cookiejar import Cookie
from urllib.parse import urlsplit
from urllib.request import Request

from tests.support.client import Client, Page

CHOOSE = "/mot-de-passe/nouveau-mot-de-passe"
MESSAGE = "/mot-de-passe/message"
SPACE = "/espace/accueil"


class Browser(Client):
    """One person's browser at a site. What only its owner may know is added to `secrets`."""

    def __init__(self, site: str, secrets: set[str]) -> None:
        super().__init__(site)
        self._secrets = secrets

    def _send(self, request: Request, *, follow: bool) -> Page:
        page = super()._send(request, follow=follow)
        self._secrets.update(str(each.value) for each in self.cookies if each.name != "lang")
        return page

    @property
    def held(self) -> dict[str, str]:
        """Its cookies."""
        return {each.name: str(each.value) for each in self.cookies}

    def keep(self, cookie: str) -> None:
        """Holds that cookie, "name=value", as if the site had given it."""
        name, _, value = cookie.partition("=")
        host = str(urlsplit(self.site).hostname)
        whole = {"version": 0, "name": name, "value": value, "port": None, "port_specified": False, "secure": False}
        place = {"domain": host, "domain_specified": False, "domain_initial_dot": False}
        rest = {"path": "/", "path_specified": True, "expires": None, "discard": True}
        self.cookies.set_cookie(Cookie(**whole, **place, **rest, comment=None, comment_url=None, rest={}))

    @property
    def cookie(self) -> str:
        """Its cookies, as a header."""
        return "; ".join(f"{name}={value}" for name, value in self.held.items())

    def confirm(self, email: str) -> Page:
        """To MP-3, where the message can be asked for."""
        page = self.post("/", {"email": email})
        return self.post(page.url, {"choice": "forgotten"})

    def ask(self, email: str) -> Page:
        """To MP-4, the message asked for."""
        return self.post(self.confirm(email).url)

    def choose(self, password: str, again: str | None = None) -> Page:
        """At MP-6."""
        self._secrets.add(password)
        typed = {"new_password": password, "new_password_again": password if again is None else again}
        return self.post(CHOOSE, typed)

    def sign_in(self, email: str, password: str) -> Page:
        """From MP-1 through MP-2."""
        self._secrets.add(password)
        page = self.post("/", {"email": email})
        return self.post(page.url, {"choice": "sign-in", "password": password})
