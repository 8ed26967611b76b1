from django.db import migrations

# What waits is read from the books as they are: every bill side that no final invoice holds.
FILL = """
INSERT INTO charges_unbilledcharge (charge_id, client)
SELECT charge.id, charge.client_id FROM charges_charge charge
LEFT JOIN invoicing_billedcharge billed ON billed.charge_id = charge.id
LEFT JOIN invoicing_invoice invoice ON invoice.id = billed.invoice_id
WHERE charge.bill_amount IS NOT NULL AND charge.client_id IS NOT NULL
  AND (invoice.id IS NULL OR invoice.state = 'draft')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('charges', '0002_what_waits'),
        ('invoicing', '0002_keys_without_a_look'),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
