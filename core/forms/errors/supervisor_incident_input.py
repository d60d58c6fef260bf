from core.forms.errors.error_families import DeskFieldRejected, DeskRefusal, RefusalKind
from core.text.text import N_


class MailDomainUnreadable(DeskFieldRejected):
    id = "mail-domain-unreadable"
    sentence = N_("Saisissez ce qui suit le @ des adresses, comme « ac-lyon.fr ».")


class AcademieUnknown(DeskFieldRejected):
    id = "academie-unknown"
    sentence = N_("La liste électorale ne connaît pas ce nom. Les plus proches : {nearest}")


class AcademiesAbsent(DeskFieldRejected):
    id = "academies-absent"
    sentence = N_("La liste électorale ne nomme aucune académie. Choisissez une autre portée.")


class MinutesUnreadable(DeskFieldRejected):
    id = "minutes-unreadable"
    sentence = N_("Saisissez un nombre de minutes, de 1 à {most}.")


class EndUnreadable(DeskFieldRejected):
    id = "end-unreadable"
    sentence = N_("Saisissez une heure, comme « 17:30 » ou « 6/12 9:00 », ou une durée, comme « 90 min ».")


class EndOutOfReach(DeskFieldRejected):
    id = "end-out-of-reach"
    sentence = N_("La fin doit être à venir, et dans {days} jours au plus.")


class SupervisorNeeded(DeskRefusal):
    id = "supervisor-needed"
    title = N_("Cet acte revient à un responsable")
    remedy = (N_("Dites à un responsable ce que vous voyez : rien n'a été fait."),)


class IncidentImpossible(DeskRefusal):
    id = "incident-impossible"
    kind = RefusalKind.UNREADABLE
    title = N_("Cet incident ne peut pas être annoncé ainsi")
    remedy = (N_("La phrase, la portée et la fin ne vont pas ensemble. Recommencez depuis la liste des phrases."),)


class IncidentAnnounced(DeskRefusal):
    id = "incident-announced"
    kind = RefusalKind.GONE
    title = N_("Cet incident est déjà annoncé")
    remedy = (N_("Un autre responsable l'a peut-être fait dans l'intervalle : regardez la liste."),)


class TooManyIncidents(DeskRefusal):
    id = "too-many-incidents"
    kind = RefusalKind.TOO_MANY
    title = N_("Trop d'incidents sont annoncés à la fois")
    remedy = (N_("Terminez ceux qui n'ont plus lieu, ou annoncez-en un seul pour tout le monde."),)


class IncidentOver(DeskRefusal):
    id = "incident-over"
    kind = RefusalKind.GONE
    title = N_("Cet incident est déjà terminé")
    remedy = (N_("Son heure est passée, ou un autre responsable l'a terminé : regardez la liste."),)
