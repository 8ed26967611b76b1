"""The doors of payroll: calendars, runs, statements, payments, what is owed."""
