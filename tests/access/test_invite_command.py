"""The first person of a firm is invited from the command line, and told nothing there."""

import io

import pytest
from django.core.management import CommandError, call_command

from backline.desk.models import Message
from tenants import tenancy

pytestmark = pytest.mark.django_db
ADA = ("ada@northstar.example", "Ada Admin", "partner_admin")


def test_an_invitation_is_mailed_and_its_token_is_not_printed(partner):
    printed = io.StringIO()
    call_command("invite", partner.ref, *ADA, stdout=printed)

    with tenancy.firm(partner.ref):
        letter = Message.objects.get(kind="invitation")
    assert letter.to_address == "ada@northstar.example"
    assert "bli_" in letter.body
    assert "bli_" not in printed.getvalue()


@pytest.mark.parametrize("firm", ["northstar", "agy_" + "0" * 26])
def test_an_unknown_firm_is_told_in_a_sentence(firm):
    with pytest.raises(CommandError):
        call_command("invite", firm, *ADA)


def test_what_is_wrong_is_told_in_a_sentence(agency):
    with pytest.raises(CommandError) as refusal:
        call_command("invite", agency.ref, *ADA)

    assert str(refusal.value) == "This firm has the roles auditor, funder, owner, staff."
