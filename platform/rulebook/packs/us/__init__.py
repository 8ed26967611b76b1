"""The United States: the rules of pay, as dated data with its sources and a few shapes."""

from rulebook.packs.us.payslips import UnitedStates

PACK = UnitedStates()
