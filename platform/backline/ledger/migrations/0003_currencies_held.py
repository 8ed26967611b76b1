from django.db import migrations

HELD = """
ALTER TABLE ledger_entry DROP CONSTRAINT IF EXISTS {side}_keeps_its_currency;
ALTER TABLE ledger_entry ADD CONSTRAINT {side}_keeps_its_currency
    FOREIGN KEY ({side}_id, currency) REFERENCES ledger_account (id, currency)
    DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    """The keys that hold an entry to the currency of its accounts were declared and never made."""

    dependencies = [("ledger", "0002_keys_without_a_look")]

    operations = [
        migrations.RunSQL(HELD.format(side="debit"), migrations.RunSQL.noop),
        migrations.RunSQL(HELD.format(side="credit"), migrations.RunSQL.noop),
    ]
