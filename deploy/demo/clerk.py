"""A clerk: does only what a client of the API can do, in the words of a payroll office.

The same clerk works over the network in the demo and over the test client in the stories.
"""

from __future__ import annotations

from deploy.demo.hiring import Hiring
from deploy.demo.money import Money
from deploy.demo.week import Week


class Clerk(Hiring, Week, Money):
    """Opens an agency, puts people to work, and carries their week to payslip and invoice."""
