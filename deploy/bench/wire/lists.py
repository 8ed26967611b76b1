"""Lists: fifty records read by a key of an agency, beside fifty read by a bare serializer."""

from decimal import Decimal
from typing import Any

from backline.directory import actions as directory
from backline.kernel import ids
from deploy.bench.books import firms
from deploy.bench.measuring import Differs, Row, Work
from deploy.bench.wire import bare, calling
from tenants import tenancy
from tenants.bootstrap import connections

STORED = 1_000
PATH = "/v1/clients?limit=50"


def prepare(calls: int) -> Work:
    """So many calls of each side, over the same thousand clients."""
    ref = agency("list")
    bare.stands_beside(tenancy.place(ref).schema)
    _same_rows(tenancy.place(ref).schema)
    one, other = bare.caller(), calling.ours(ref, ["clients:read"])
    return Work(
        units=calls,
        floor=lambda: _reads(one, "/clients", calls),
        ours=lambda: _reads(other, PATH, calls),
        agree=lambda: _agree(one.get("/clients").body, other.get(PATH).body),
    )


def agency(key: str) -> str:
    """An agency with a thousand clients, by its reference."""
    ref = ids.public("agy", firms.agency(key).pk)
    new = [
        directory.NewClient(
            legal_name=f"Widgets {n} Limited", country="GB", currency="GBP", reference=f"W{n}",
            billing_address={"line1": f"{n} High St", "city": "Leeds", "postal_code": "LS1 1AA"},
            vat_number="GB123456789",
        )
        for n in range(STORED)
    ]  # fmt: skip
    with tenancy.firm(ref):
        directory.add_clients(new, actor=calling.OWNER, at=firms.FIRST_MORNING)
    return ref


def _same_rows(schema: str) -> None:
    with connections.owner() as raw:
        raw.execute(
            f"INSERT INTO {bare.SCHEMA}.directory_client"  # noqa: S608  # our own names
            f" SELECT * FROM {schema}.directory_client".encode()
        )
        raw.execute(f"ANALYZE {bare.SCHEMA}.directory_client".encode())
        raw.execute(f"ANALYZE {schema}.directory_client".encode())


def _reads(caller: calling.Caller, path: str, calls: int) -> None:
    with calling.served():
        for _ in range(calls):
            caller.get(path)


def _agree(bare_rows: list[dict[str, Any]], page: dict[str, Any]) -> None:
    """The same fifty records with the same facts."""
    told = [_as_bare(row) for row in page["data"]]
    if len(told) != bare.PAGE or told != bare_rows:
        raise Differs(f"Ours lists {told[:1]}, the bare view {bare_rows[:1]}.")


def _as_bare(row: dict[str, Any]) -> dict[str, Any]:
    """A client of ours as a plain serializer spells it: a bare id, and money without currency."""
    limit = row["credit_limit"]
    return row | {
        "id": str(ids.parse("cli", row["id"])),
        "credit_limit": limit and str(Decimal(limit["amount"])),
    }


ROW = Row(
    name="list",
    what="50 clients with key, scopes and paging, against a bare ModelSerializer view",
    unit="call",
    scale=200,
    goal=1.5,
    never_below=1,
    prepare=prepare,
    clock=calling.busy,
    rounds=9,
)
