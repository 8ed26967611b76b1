"""What can have happened in the directory, as frozen facts."""

from dataclasses import dataclass
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksOpened(Fact):
    """The firm's books were opened."""

    name: ClassVar[str] = "firm.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmChanged(Fact):
    """What stands on the firm's paper changed."""

    name: ClassVar[str] = "firm.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationSet(Fact):
    """The firm is registered with an authority from a day."""

    name: ClassVar[str] = "registration.set"
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayingAccountAdded(Fact):
    """The firm pays from this account by a rail from now on."""

    name: ClassVar[str] = "paying_account.added"
    rail: str
    currency: str
    account_last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerAdded(Fact):
    """A worker is known."""

    name: ClassVar[str] = "worker.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerChanged(Fact):
    """What is known of a worker changed."""

    name: ClassVar[str] = "worker.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionSet(Fact):
    """A worker's tax code, W-4 or certificate holds from a day; the subject is the worker."""

    name: ClassVar[str] = "election.set"
    noun: ClassVar[str] = "worker"
    kind: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAdded(Fact):
    """A standing deduction holds from a day; the subject is the worker."""

    name: ClassVar[str] = "order.added"
    noun: ClassVar[str] = "worker"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(Fact):
    """What is known of a standing deduction changed, or it ended; the subject is the worker."""

    name: ClassVar[str] = "order.changed"
    noun: ClassVar[str] = "worker"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretShown(Fact):
    """Somebody saw what is sealed, and said why; the subject is whose it is."""

    name: ClassVar[str] = "secret.shown"
    fields: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountProposed(Fact):
    """Somebody says where a payee is to be paid."""

    name: ClassVar[str] = "bank_account.proposed"
    worker: str = ""
    intermediary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountApproved(Fact):
    """A second person agreed."""

    name: ClassVar[str] = "bank_account.approved"
    worker: str = ""
    intermediary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountRefused(Fact):
    """A second person did not agree, or the bank sent money back."""

    name: ClassVar[str] = "bank_account.refused"
    worker: str = ""
    intermediary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAdded(Fact):
    """A client is known."""

    name: ClassVar[str] = "client.added"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged(Fact):
    """What is known of a client changed."""

    name: ClassVar[str] = "client.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsAgreed(Fact):
    """A client is billed in a certain way from a day; the subject is the client."""

    name: ClassVar[str] = "terms.agreed"
    noun: ClassVar[str] = "client"
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAdded(Fact):
    """A person at a client is known."""

    name: ClassVar[str] = "contact.added"
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Fact):
    """What is known of a person at a client changed."""

    name: ClassVar[str] = "contact.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAdded(Fact):
    """A place of work is known."""

    name: ClassVar[str] = "site.added"
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteChanged(Fact):
    """What is known of a place of work changed."""

    name: ClassVar[str] = "site.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntermediaryAdded(Fact):
    """An umbrella or a worker's own company is known."""

    name: ClassVar[str] = "intermediary.added"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntermediaryChanged(Fact):
    """What is known of a company between firm and worker changed."""

    name: ClassVar[str] = "intermediary.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDecided(Fact):
    """A company may be used from a day, or may not; the subject is the company."""

    name: ClassVar[str] = "standing.decided"
    noun: ClassVar[str] = "intermediary"
    state: str
    since: str
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfBillingAgreed(Fact):
    """A company lets us write its invoices until a day; the subject is the company."""

    name: ClassVar[str] = "self_billing.agreed"
    noun: ClassVar[str] = "intermediary"
    since: str
    until: str
    vat_number: str
