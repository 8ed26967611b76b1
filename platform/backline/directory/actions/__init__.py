"""What can be done in the directory, a file a noun."""

from backline.directory.actions.bank_accounts import (
    NewBankAccount,
    approve,
    fail,
    propose,
    propose_all,
    refuse,
)
from backline.directory.actions.clients import (
    NewClient,
    NewContact,
    NewSite,
    NewTerms,
    add_clients,
    add_contacts,
    add_sites,
    agree_terms,
    change_client,
    change_contact,
    change_site,
)
from backline.directory.actions.elections import NewElection, elect, elect_all
from backline.directory.actions.firm import (
    add_paying_account,
    change_firm,
    open_books,
    register,
)
from backline.directory.actions.intermediaries import (
    NewIntermediary,
    add_intermediaries,
    change_intermediary,
)
from backline.directory.actions.orders import add_orders, change_order, end_order
from backline.directory.actions.revealing import reveal
from backline.directory.actions.self_billing import agree_self_billing
from backline.directory.actions.standing import NewStanding, decide_standing
from backline.directory.actions.workers import (
    NewWorker,
    add_workers,
    change_worker,
    keep_holiday,
)

__all__ = [
    "NewBankAccount", "NewClient", "NewContact", "NewElection", "NewIntermediary", "NewSite",
    "NewStanding", "NewTerms", "NewWorker", "add_clients", "add_contacts", "add_intermediaries",
    "add_orders", "add_paying_account", "add_sites", "add_workers", "agree_self_billing",
    "agree_terms", "approve", "change_client", "change_contact", "change_firm",
    "change_intermediary", "change_order", "change_site", "change_worker", "decide_standing",
    "elect", "elect_all", "end_order", "fail", "keep_holiday", "open_books", "propose",
    "propose_all", "refuse", "register", "reveal",
]  # fmt: skip
