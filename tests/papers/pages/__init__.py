"""Sample contexts for every page in each state: `PAGES` maps a name to template and context."""

from tests.papers.pages.approver import APPROVER_PAGES
from tests.papers.pages.partner import PARTNER_PAGES
from tests.papers.pages.pay import PAY_PAGES
from tests.papers.pages.signing import SIGN_IN_PAGES
from tests.papers.pages.worker import WORKER_PAGES

PAGES = SIGN_IN_PAGES | APPROVER_PAGES | WORKER_PAGES | PARTNER_PAGES | PAY_PAGES
