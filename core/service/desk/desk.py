"""The desk as a whole: one place for a terminal to knock at."""

from dataclasses import dataclass
from functools import cached_property

from core.flows.desk import DeskForms, desk_forms
from core.service.asking import Askings
from core.service.desk.agents import Agents
from core.service.desk.calling import Callers
from core.service.desk.explaining import Explaining
from core.service.desk.files import Files
from core.service.desk.finding import Finding
from core.service.desk.following import Following
from core.service.desk.freezing import Freezing
from core.service.desk.guiding import Guiding
from core.service.desk.home import Home
from core.service.desk.mailing import Mailing
from core.service.desk.proofs import Proofs
from core.service.desk.roster import Roster
from core.service.reception import Reception
from core.service.tools import Tools


@dataclass(frozen=True)
class Desk:
    """The use cases of the agents. `askings` is the flow whose mail they may start."""

    tools: Tools
    reception: Reception
    askings: Askings

    @cached_property
    def forms(self) -> DeskForms:
        """What agents type."""
        return desk_forms(self.tools.policy)

    @cached_property
    def roster(self) -> Roster:
        """The agents' accounts; the operator's, not a terminal's."""
        return Roster(self.tools)

    @cached_property
    def agents(self) -> Agents:
        """Signing in and out."""
        return Agents(self.tools, self._proofs)

    @cached_property
    def finding(self) -> Finding:
        """The search."""
        return Finding(self.tools, self._proofs)

    @cached_property
    def files(self) -> Files:
        """Files and timelines."""
        return Files(self.tools, self._proofs, self._following)

    @cached_property
    def callers(self) -> Callers:
        """The check before any act."""
        return Callers(self.tools, self._proofs)

    @cached_property
    def guiding(self) -> Guiding:
        """Guides, step by step."""
        mailing = Mailing(self.tools, self._proofs, self.askings)
        return Guiding(self.tools, self._proofs, self._following, mailing)

    @cached_property
    def explaining(self) -> Explaining:
        """What the site's messages mean."""
        return Explaining(self.reception, self.tools.election.facts)

    @cached_property
    def freezing(self) -> Freezing:
        """Freezing and opening again."""
        return Freezing(self.tools, self._proofs, self.askings)

    @cached_property
    def home(self) -> Home:
        """What needs attention."""
        return Home(self.tools, self._proofs)

    @cached_property
    def _proofs(self) -> Proofs:
        return Proofs(self.tools)

    @cached_property
    def _following(self) -> Following:
        return Following(self.reception)
