"""The United States: federal, state and local pay rules, as dated data and a few shapes.

Elections read here, by key:

    engagement      "w2" (unless said) or "1099": a contractor, from whom nothing is withheld
    w4              {form = 2020, status, multiple_jobs, dependents, other_income, deductions,
                     extra, exempt, exempt_year, nonresident}; a form of 2019 or earlier has
                    allowances instead of the steps. Statuses: single, married_jointly,
                    married_separately, head_of_household, qualifying_surviving_spouse. None on
                    file: single, no entries
    states          a certificate for each state: {status, allowances, extra, exempt, two_earners,
                     nonresident_certificate = true or the day it stands from, ...} and what only
                    that state asks: additional_allowances (IL), dependents (AL, GA, IN, KS, MS),
                    first_time_dependents and adopted_children and county (IN), county (MD),
                    code (CT, NJ), rate (AZ), annual_deduction (CO), allowance_amount (IA),
                    estimated_deduction_allowances (CA), age_or_blind (VA), blind (MA)
    home            the state lived in, where it is not the one worked in
    unemployment_state   the state that insures, where work was done in several
    local           [{code, resident, ...}]: NY.NYC, NY.YONKERS, PA.PHILADELPHIA, MO.KANSAS_CITY,
                    MO.ST_LOUIS, CO.DENVER, PA.EIT with home and work; others as the firm holds them
    orders          facts of each order by its deduction's code: {supports_other_family,
                     arrears_over_12_weeks, state, exempt (of a tax levy)}
    workers_comp    the class worked in, by state
    fica_exempt     true for those whom the law leaves out

Employer facts read here:

    suta            {IL = {rate = "0.0325", wage_base (own)}}: the firm's own unemployment rates
    states          the states it is registered to withhold for (suta's unless said)
    employees       how many, for duties that begin with a number
    supplemental    "flat" (unless said) or "aggregate"
    annualised      the states (California) where it works by the year instead of by the pay
    worker_shares   what it passes on of a contribution it may share: {"child_care.employer.VT"}
    futa_credit_reduction   a share, or one for each state, accrued for year end
    local           {code = {rate | resident_rate, nonresident_rate | annual_amount, exempt_below,
                     state, label, payee}}
    workers_comp    {state = {class = rate for each 100.00, ..., modifier, carrier}}
    federal_deposits, state_deposits   how often it deposits

Deductions: `treatment` is section_125, hsa, fsa, dependent_care, 401k, roth_401k or after_tax; of
an order (kind "order") it is support, bankruptcy, tax_levy, federal_agency, student_loan, state_tax
or creditor, or its code says so: us.order.support.17.

Year to date, by key: us.gross, us.nec, us.fit, us.fit.wages, us.supplemental.wages, us.ss,
us.ss.employer, us.ss.wages, us.medicare, us.medicare.employer, us.medicare.additional,
us.medicare.wages, us.futa, us.futa.wages, us.sit.IL, us.sit.IL.wages, us.sui.IL, us.sui.IL.wages,
us.<fund>.<state> and its .wages, us.local.<code> and its .wages, us.401k, us.order.<code>,
arrears.<code>.
"""

from rulebook.packs.us.payslips import UnitedStates

PACK = UnitedStates()
