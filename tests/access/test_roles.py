"""The role matrix says the same to everybody who reads it, and refuses to contradict itself."""

import pytest

from tenants.access import roles
from tenants.access.roles import MATRIX, MatrixError, read

NEVER = {
    "pay_runs:approve",
    "pay_runs:release",
    "bank_accounts:approve",
    "funding:approve",
    "keys:write",
}
SMALL = """
never_by_key = ["pay_runs:release"]
[roles]
owner = {{ says = "o", firms = ["agency"] }}
worker = {{ says = "w", firms = ["agency"] }}
integration = {{ says = "i", firms = ["agency"] }}
[functions."pay_runs:release"]
says = "Release"
{more}
"""


def refuses(more: str, *words: str) -> None:
    with pytest.raises(MatrixError) as refusal:
        read(SMALL.format(more=more))
    assert all(word in str(refusal.value) for word in words)


def test_no_key_may_hold_what_only_a_person_does():
    assert set(MATRIX.never_by_key) >= NEVER
    assert not roles.scopes_of("integration") & MATRIX.never_by_key


def test_a_key_holds_nothing_that_asks_for_a_fresh_factor():
    assert not [scope for scope in roles.scopes_of("integration") if roles.needs_fresh(scope)]


@pytest.mark.parametrize(
    "scope",
    ["pay_runs:approve", "pay_runs:release", "bank_accounts:approve", "funding:approve"],
)
def test_money_leaves_only_with_a_fresh_factor(scope: str):
    assert roles.needs_fresh(scope)


@pytest.mark.parametrize("role", sorted(MATRIX.roles))
@pytest.mark.parametrize("scope", sorted(roles.ALL_SCOPES))
def test_every_role_and_scope_answers_as_the_file_says(role: str, scope: str):
    function = MATRIX.functions[scope]

    assert (scope in roles.scopes_of(role)) == (role in function.held_by)
    assert roles.limited_scopes_of(role).get(scope) == function.limited.get(role)
    assert not (scope in roles.scopes_of(role) and scope in roles.limited_scopes_of(role))


def test_an_unknown_role_holds_nothing():
    assert roles.scopes_of("visitor") == frozenset()


def test_a_link_reaches_its_own_records_only():
    for role in roles.LINK_ROLES:
        assert roles.scopes_of(role) == frozenset()
        assert set(roles.limited_scopes_of(role).values()) == {"own"}


def test_the_one_who_prepares_pay_does_not_approve_it():
    for role in MATRIX.roles:
        assert not {"pay_runs:write", "pay_runs:approve"} <= roles.scopes_of(role)


def test_an_auditor_changes_nothing():
    assert all(scope.endswith(":read") for scope in roles.scopes_of("auditor"))


def test_what_exists_at_the_partner_is_not_held_inside_an_agency():
    held = roles.scopes_of("partner_admin")

    assert "agencies:write" in roles.within(held, firm_kind="partner")
    assert "agencies:write" not in roles.within(held, firm_kind="agency")


def test_the_table_shows_every_function_once():
    shown = [line.split("`")[1] for line in roles.table().splitlines() if line.startswith("| `")]

    assert shown == list(MATRIX.functions)


def test_a_file_that_gives_a_key_a_persons_deed_is_refused():
    refuses('roles = ["owner", "integration"]', "pay_runs:release", "API key")


def test_a_file_that_lets_a_link_reach_past_its_own_is_refused():
    refuses('roles = ["owner", "worker"]', "worker")


def test_a_file_that_names_an_unknown_role_is_refused():
    refuses('roles = ["owner", "owners"]', "owners")


def test_a_file_with_a_word_that_is_not_understood_is_refused():
    refuses('roles = ["owner"]\nfresch = true', "fresch")


def test_the_page_shows_the_matrix_as_it_is():
    page = roles.PAGE.read_text(encoding="utf-8")

    assert page == roles.drawn_into(page), "run python3 manage.py roles"
