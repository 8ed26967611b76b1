"""A bare week: one client's approved time to an invoice and its journal, by one statement."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import psycopg

from tenants.bootstrap import connections

TABLES = """
DROP SCHEMA IF EXISTS bench_week CASCADE;
CREATE SCHEMA bench_week;
SET search_path = bench_week;
CREATE TABLE counter (name text PRIMARY KEY, last bigint NOT NULL);
INSERT INTO counter VALUES ('invoice', 0);
CREATE TABLE worked (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client int NOT NULL,
    week int NOT NULL, worker int NOT NULL, day int NOT NULL, hours numeric(8, 2) NOT NULL,
    rate numeric(12, 2) NOT NULL, UNIQUE (client, week, worker, day));
CREATE TABLE invoice (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client int NOT NULL,
    week int NOT NULL, number bigint NOT NULL UNIQUE, net numeric(14, 2) NOT NULL,
    tax numeric(14, 2) NOT NULL, UNIQUE (client, week));
CREATE TABLE invoice_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice bigint NOT NULL, worker int NOT NULL, hours numeric(8, 2) NOT NULL,
    rate numeric(12, 2) NOT NULL, net numeric(14, 2) NOT NULL);
CREATE INDEX ON invoice_line (invoice);
CREATE TABLE journal (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, invoice bigint NOT NULL,
    debit text NOT NULL, credit text NOT NULL, amount numeric(14, 2) NOT NULL);
CREATE INDEX ON journal (invoice);
"""
BILL = """
WITH lines AS (
    SELECT worker, sum(hours) AS hours, rate, round(sum(hours) * rate, 2) AS net
    FROM worked WHERE client = %(client)s AND week = %(week)s GROUP BY worker, rate
), number AS (
    UPDATE counter SET last = last + 1 WHERE name = 'invoice' RETURNING last
), made AS (
    INSERT INTO invoice (client, week, number, net, tax)
    SELECT %(client)s, %(week)s, number.last, sum(net), round(sum(net) * 0.2, 2)
    FROM lines, number GROUP BY number.last RETURNING id, net, tax
), listed AS (
    INSERT INTO invoice_line (invoice, worker, hours, rate, net)
    SELECT made.id, worker, hours, rate, lines.net FROM lines, made
), posted AS (
    INSERT INTO journal (invoice, debit, credit, amount)
    SELECT id, 'receivable', 'revenue', net FROM made
    UNION ALL SELECT id, 'receivable', 'tax', tax FROM made
)
SELECT net FROM made
"""
# What the next weeks are worked at, by place: whose, and how much on each of five days.
Place = tuple[int, int, Decimal, Decimal]


def connection() -> psycopg.Connection:
    """A stock connection that looks into the bare tables."""
    raw = psycopg.connect(**connections.parameters(connections.OWNER_ALIAS), autocommit=True)
    raw.execute("SET search_path = bench_week")
    return raw


def stands() -> None:
    """Empty tables."""
    with connection() as raw:
        raw.execute(TABLES.encode())


def works(week: int, places: Iterable[Place]) -> None:
    """Keep a week's time of everybody; it is approved."""
    with connection() as raw, raw.cursor() as cursor, cursor.copy(
        "COPY worked (client, week, worker, day, hours, rate) FROM STDIN"
    ) as into:  # fmt: skip
        for row in _rows(week, places):
            into.write_row(row)


def _rows(week: int, places: Iterable[Place]) -> Iterator[tuple[object, ...]]:
    for client, worker, hours, rate in places:
        for day in range(5):
            yield client, week, worker, day, hours, rate


def bill(raw: psycopg.Connection, client: int, week: int) -> Decimal:
    """Bill a client's week, in a transaction by itself; what it comes to."""
    row = raw.execute(BILL.encode(), {"client": client, "week": week}).fetchone()
    if row is None:
        raise LookupError(f"Nothing was worked for {client} in week {week}.")
    net: Decimal = row[0]
    return net
