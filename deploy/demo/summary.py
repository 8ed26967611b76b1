"""What the demo shows at its end: the table, the proof that books balance, and the way in."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.table import Table

from deploy.demo.mail import Mail
from deploy.demo.people import OWNERS, PARTNER_PEOPLE, PASSWORD, secret_of
from deploy.demo.world import MONDAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deploy.demo.installation import Installation
    from deploy.demo.play import Play
    from deploy.demo.screen import Screen
    from deploy.demo.week_of_all import Ended

COLUMNS = (
    "agency", "workers", "sheets", "gross pay", "net pay", "invoiced", "margin", "advanced",
    "matched", "exceptions",
)  # fmt: skip
NOTHING = Decimal("0.00")


def show(installation: Installation, ended: Ended, screen: Screen) -> bool:
    """Print the table and the proofs; False when books do not balance or two books differ."""
    table = Table(*COLUMNS, box=None, pad_edge=False, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for play in ended.plays:
        table.add_row(*_row(play))
    screen.console.print()
    screen.console.print(table)
    screen.console.print()
    is_balanced = _balances(ended, screen)
    breaks = [told for play in ended.plays for told in play.breaks]
    screen.console.print(f"reconciliation breaks {len(breaks)}")
    for one in breaks:
        screen.console.print(f"  {one}")
    left = Counter(told for play in ended.plays for told in play.left)
    told = ", ".join(f"{count} x {what}" for what, count in left.items())
    screen.console.print(f"left on purpose: {told}", soft_wrap=True)
    verb = "stands again after" if ended.is_old else "played in"
    screen.console.print(f"{verb} {screen.seconds:.0f} s on {installation.url}")
    return is_balanced and not breaks


def _row(play: Play) -> Sequence[str]:
    clerk = play.clerk
    runs = [run for run in clerk.runs() if run["released_at"]]
    asked = {"by": "week", "from": MONDAY.isoformat(), "to": MONDAY.isoformat()}
    margins = clerk.office.owner.get("/v1/margins", **asked)["totals"]
    share = next((row["margin_share"] for row in margins if row["margin_share"]), None)
    receipts = clerk.receipts()
    matched = sum(1 for row in receipts if row["state"] == "applied")
    sheets = clerk.sheets(status="approved")
    return (
        play.agency.name,
        str(len(play.agency.jobs)),
        str(len(sheets)),
        _money(_sum(run["gross"] for run in runs)),
        _money(_sum(run["net"] for run in runs)),
        _money(_sum(row["net"] for row in clerk.invoices(state="finalized"))),
        f"{Decimal(share) * 100:.1f} %" if share else "",
        _money(Decimal(clerk.position()["moved"].get("advanced", "0.00"))),
        f"{matched}/{len(receipts)}",
        str(len(clerk.exceptions())),
    )


def _balances(ended: Ended, screen: Screen) -> bool:
    """Ask every firm's trial balance, the partner's too."""
    asked: list[tuple[str, Mapping[str, Any]]] = [
        (play.agency.name, play.clerk.trial_balance()) for play in ended.plays
    ]
    home = ended.partner.people["admin"]
    asked.append(("Northstar Partners", home.get("/v1/ledger/trial-balance")))
    for name, told in asked:
        debits = _sum(row["debits"] for row in told["accounts"])
        verdict = "books balance" if told["is_balanced"] else "BOOKS DO NOT BALANCE"
        screen.console.print(
            f"{name:<22} {verdict}: {len(told['accounts'])} accounts, {_money(debits)} on each side"
        )
    return all(told["is_balanced"] for _, told in asked)


def show_the_way(installation: Installation, ended: Ended, screen: Screen) -> None:
    """Print addresses, people with their secrets, a working key, and how to stop."""
    say, seed, url = screen.console.print, installation.seed, installation.url
    say()
    say(f"[bold]Site[/bold]       {url}/")
    say(f"[bold]API docs[/bold]   {url}/v1/docs")
    say(f"[bold]Mail sent[/bold]  {url}/dev/mail/")
    worker = Mail(installation.files / "mail").newest("/w/")
    if worker:
        say(f"[bold]A worker[/bold]   {worker} (the week that was sent back)", soft_wrap=True)
    say()
    say(f"[bold]People[/bold]     password of each: {PASSWORD}")
    for person in (*PARTNER_PEOPLE.values(), *OWNERS.values()):
        say(f"  {person.email:<26} {person.says:<32} TOTP secret {secret_of(person, seed)}")
    say()
    for play in ended.plays:
        say(f"[bold]Key[/bold]        {play.agency.name}: {play.clerk.office.key.token}")  # type: ignore[attr-defined]  # over HTTP it has one
    token = ended.plays[0].clerk.office.key.token  # type: ignore[attr-defined]  # as above
    say()
    say(
        f'[bold]Try[/bold]        curl -s -H "Authorization: Bearer {token}" '
        f'"{url}/v1/invoices?limit=2"',
        soft_wrap=True,
    )
    say("[bold]Stop[/bold]       Ctrl-C; python3 manage.py demo --reset begins again")


def _sum(amounts: Any) -> Decimal:
    return sum((Decimal(each["amount"]) for each in amounts), NOTHING)


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"
