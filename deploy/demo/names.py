"""Names for the demo's people and companies; none of them is anybody."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

GIVEN: Final = (
    "Ada", "Ben", "Chloe", "Dan", "Ewa", "Femi", "Grace", "Hugo", "Ines", "Jack", "Kemi", "Liam",
    "Maya", "Noah", "Olga", "Piotr", "Quinn", "Rosa", "Sam", "Tariq", "Uma", "Viktor", "Wendy",
    "Xavi", "Yara", "Zoe", "Amir", "Bella", "Carl", "Diana", "Elif", "Frank", "Gita", "Henry",
    "Ivy", "Joao", "Kira", "Leon", "Mina", "Nia", "Owen",
)  # fmt: skip
FAMILY: Final = (
    "Abbott", "Baker", "Castillo", "Dawson", "Evans", "Fisher", "Garcia", "Hughes", "Iqbal",
    "Jones", "Khan", "Lewis", "Mbeki", "Nowak", "Osborne", "Patel", "Quill", "Reed", "Silva",
    "Turner", "Usman", "Vance", "Wright", "Xu", "Young", "Zielinski", "Archer", "Byrne", "Carter",
    "Diaz", "Ellis", "Foster", "Grant", "Harper", "Ivanov", "James", "Kelly", "Lowe", "Moreno",
    "Novak", "Okoye", "Price", "Ramos",
)  # fmt: skip
BRITISH_CLIENTS: Final = (
    "Pennine Foods", "Humber Logistics", "Calder Mills", "Trent Packaging", "Wear Castings",
    "Mersey Cold Store", "Airedale Doors", "Tyne Recycling", "Severn Bakeries", "Don Valley Steel",
    "Ribble Print", "Eden Dairies", "Solway Timber", "Irwell Plastics", "Tees Components",
    "Kelham Brewing", "Lune Textiles", "Derwent Glass",
)  # fmt: skip
TECH_CLIENTS: Final = (
    "Beacon Payments", "Quayside Insurance", "Lantern Health", "Orbit Rail Systems",
    "Fathom Analytics", "Mooring Bank", "Skylark Telecom", "Anchor Retail",
)  # fmt: skip
AMERICAN_CLIENTS: Final = (
    "Lone Star Distribution", "Gulf Coast Freight", "Prairie Fulfillment", "Keystone Assembly",
    "Bluebonnet Foods", "Everglade Packing", "Lakeshore Plastics", "Allegheny Metals",
    "Panhandle Cold Chain", "Suncoast Returns",
)  # fmt: skip
UMBRELLAS: Final = ("Parasol Way Ltd", "Brolly Payroll Ltd", "Canopy People Ltd")
BRITISH_CITIES: Final = (
    ("Leeds", "ENG"), ("Hull", "ENG"), ("Sheffield", "ENG"), ("Nottingham", "ENG"),
    ("Newcastle", "ENG"), ("Liverpool", "ENG"),
)  # fmt: skip
AMERICAN_CITIES: Final = (
    ("Houston", "TX"), ("Tampa", "FL"), ("Joliet", "IL"), ("Scranton", "PA"),
)  # fmt: skip
TRADES: Final = (
    ("Warehouse operative", Decimal("12.75"), Decimal("13.60")),
    ("Packer", Decimal("12.71"), Decimal("13.10")),
    ("Forklift driver", Decimal("13.90"), Decimal("15.80")),
    ("Machine operator", Decimal("13.40"), Decimal("16.20")),
    ("Team leader", Decimal("15.20"), Decimal("17.90")),
)
TECH_TRADES: Final = (
    ("Data engineer", Decimal(480), Decimal(620)),
    ("Test analyst", Decimal(330), Decimal(420)),
    ("Backend developer", Decimal(450), Decimal(600)),
    ("Project manager", Decimal(500), Decimal(650)),
)
AMERICAN_TRADES: Final = (
    ("Picker", Decimal("16.50"), Decimal("19.00")),
    ("Forklift operator", Decimal("19.00"), Decimal("23.50")),
    ("Assembler", Decimal("17.50"), Decimal("21.00")),
    ("Line lead", Decimal("22.00"), Decimal("26.00")),
)
