"""What other calculators say of a year; run by their own Python, and knows nothing of ours.

Reads {"uk": [{income, region, plan}], "us": [{wages, status}]} and writes, for each of the two, the
figures of every case by name.
"""

import json
import sys
from importlib import import_module

YEAR = 2026
MARS = {"single": 1, "married_jointly": 2, "head_of_household": 4}


def united_kingdom(cases):
    """Income tax, National Insurance and student loan of a tax year, by PolicyEngine UK."""
    people = {
        f"p{n}": {
            "age": {YEAR: 40},
            "employment_income": {YEAR: case["income"]},
            "student_loan_plan": {YEAR: case["plan"]},
        }
        for n, case in enumerate(cases)
    }
    situation = {
        "people": people,
        "benunits": {f"b{n}": {"members": [f"p{n}"]} for n in range(len(cases))},
        "households": {
            f"h{n}": {"members": [f"p{n}"], "region": {YEAR: case["region"]}}
            for n, case in enumerate(cases)
        },
    }
    asked = import_module("policyengine_uk").Simulation(situation=situation)
    names = ("income_tax", "ni_employee", "ni_employer", "student_loan_repayment")
    return {name: [float(one) for one in asked.calculate(name, YEAR)] for name in names}


def united_states(cases):
    """Tax before credits and payroll taxes of a calendar year, by Tax-Calculator."""
    taxcalc, pandas = import_module("taxcalc"), import_module("pandas")
    rows = [
        {
            "RECID": n,
            "MARS": MARS[case["status"]],
            "FLPDYR": YEAR,
            "e00200": case["wages"],
            "e00200p": case["wages"],
            "XTOT": 1 + (case["status"] != "single"),
            "age_head": 40,
            "age_spouse": 40 * (case["status"] == "married_jointly"),
            "s006": 1.0,
        }
        for n, case in enumerate(cases, 1)
    ]
    records = taxcalc.Records(
        data=pandas.DataFrame(rows), start_year=YEAR,
        gfactors=None, weights=None, adjust_ratios=None,
    )  # fmt: skip  # whose, then nothing grown
    asked = taxcalc.Calculator(policy=taxcalc.Policy(), records=records)
    asked.advance_to_year(YEAR)
    asked.calc_all()
    return {
        name: [float(one) for one in asked.array(name)]
        for name in ("taxbc", "ptax_was", "ptax_amc")
    }


if __name__ == "__main__":
    told = json.load(sys.stdin)
    json.dump({"uk": united_kingdom(told["uk"]), "us": united_states(told["us"])}, sys.stdout)
