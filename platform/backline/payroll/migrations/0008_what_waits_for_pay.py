from django.db import migrations

# What waits is read from the books as they are: every pay side that no payslip has.
FILL = """
INSERT INTO charges_unpaidcharge (charge_id, worker)
SELECT charge.id, charge.worker_id FROM charges_charge charge
LEFT JOIN payroll_payline line ON line.charge_id = charge.id
WHERE charge.pay_amount IS NOT NULL AND line.id IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('charges', '0002_what_waits'),
        ('payroll', '0007_keys_without_a_look'),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
