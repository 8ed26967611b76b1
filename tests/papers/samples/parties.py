"""Parties of the samples."""

from backline.kernel.papers.facts import Detail, Party

NORTHGATE: Party = {
    "name": "Northgate Staffing Ltd",
    "lines": ["14 Foundry Lane", "Leeds LS10 1AB", "VAT GB 284 7719 06"],
}
HARBOR: Party = {
    "name": "Harbor Labor LLC",
    "lines": ["2200 Canal Street", "Houston, TX 77003", "EIN 84-0512907"],
}
ADA: Party = {"name": "Ada Okonkwo", "lines": ["Flat 3, 27 Mill Street", "Leeds LS9 8AX"]}
ACME: Party = {
    "name": "Acme Logistics plc",
    "lines": ["Accounts payable", "1 Distribution Way", "Wakefield WF2 9TT"],
}
SORT: list[Detail] = [
    {"label": "Bank", "value": "Barclays Bank UK plc"},
    {"label": "Sort code", "value": "20-44-17"},
    {"label": "Account", "value": "7084 1190"},
]
