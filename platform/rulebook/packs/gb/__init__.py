"""United Kingdom: PAYE, National Insurance, loans, pensions, orders, statutory pay.

Elections read here, by key:

    tax_code        "1257L", "K475", "S1257L W1/M1" ...; required
    tax_basis       "cumulative" or "week1_month1"; decides when the code itself carries no marker
    ni_letter       one of the letters of parameters/ni.toml; required
    student_loan    "plan_1", "plan_2", "plan_4", "plan_5" or "unknown"
    postgraduate_loan   true or false
    off_payroll     true for a deemed payment: no loans, no pension
    director        {method = "annual" | "alternative", appointed_on = day,
                     last_payment = true | false}
    pension         {state = "assess" | "postponed" | "active" | "opted_out" | "left",
                     postponed_until = day, worker = "0.05", refund = true | false}
    apprentice      "under_19" or "first_year", for the minimum wage

Employer facts read here:

    pension         {arrangement = "relief_at_source" | "net_pay" | "salary_sacrifice",
                     basis = "qualifying" | "set_1" | "set_2" | "set_3",
                     worker = "0.05", employer = "0.03", payee = "..."}
    pays_levy       true when the apprenticeship levy is to be shown as a cost of each payslip
    pays_quarterly  true for a small employer that pays HMRC by the quarter; pays_by = "post"

Year to date, by key: gb.pay, gb.taxable, gb.tax, gb.previous.taxable, gb.previous.tax,
gb.ni.<letter>.{earnings, at_lel, to_pt, to_uel, worker, employer}, gb.student_loan,
gb.postgraduate_loan, gb.pension.{worker, employer, enrolled}, gb.levy, arrears.<code>,
shortfall.<code>; for directors also gb.ni.director.<letter>.{earnings, worker, employer}, counted
from the appointment. When a second payment falls in the same earnings period, the caller adds what
was paid before in it, gb.period.{earnings, worker, employer, student_loan, postgraduate_loan};
it is used and never carried forward.
"""

from rulebook.packs.gb.payslips import GreatBritain

PACK = GreatBritain()
