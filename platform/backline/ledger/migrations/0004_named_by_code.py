from django.db import migrations, models

from backline.kernel.constraints import CompositeForeignKey

# Entries name their accounts by code; what was posted keeps its accounts.
BY_CODE = """
ALTER TABLE ledger_entry ADD COLUMN debit varchar(12), ADD COLUMN credit varchar(12);
UPDATE ledger_entry e SET debit = d.code, credit = c.code
    FROM ledger_account d, ledger_account c WHERE d.id = e.debit_id AND c.id = e.credit_id;
INSERT INTO ledger_accountpair (debit, credit, currency)
    SELECT DISTINCT debit, credit, currency FROM ledger_entry;
ALTER TABLE ledger_entry
    DROP COLUMN debit_id, DROP COLUMN credit_id,
    ALTER COLUMN debit SET NOT NULL, ALTER COLUMN credit SET NOT NULL,
    ADD CONSTRAINT entry_moves_something
        CHECK (NOT (debit = credit AND debit_subject = credit_subject
                    AND debit_subject IS NOT NULL AND credit_subject IS NOT NULL));
CREATE INDEX entry_by_debit ON ledger_entry (debit, debit_subject) INCLUDE (amount);
CREATE INDEX entry_by_credit ON ledger_entry (credit, credit_subject) INCLUDE (amount)
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_currencies_held")]

    operations = [
        migrations.CreateModel(
            name="AccountPair",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("debit", models.CharField(max_length=12)),
                ("credit", models.CharField(max_length=12)),
                ("currency", models.CharField(max_length=3)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("debit", "credit", "currency"), name="one_pair_of_two_accounts"
                    ),
                    CompositeForeignKey(
                        columns=("debit", "currency"),
                        name="debit_is_an_account",
                        to="ledger_account",
                        to_columns=("code", "currency"),
                    ),
                    CompositeForeignKey(
                        columns=("credit", "currency"),
                        name="credit_is_an_account",
                        to="ledger_account",
                        to_columns=("code", "currency"),
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint("entry", "debit_keeps_its_currency"),
        migrations.RemoveConstraint("entry", "credit_keeps_its_currency"),
        migrations.RemoveConstraint("account", "account_has_one_currency"),
        migrations.RunSQL(
            BY_CODE,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AlterField("entry", "debit", models.CharField(max_length=12)),
                migrations.AlterField("entry", "credit", models.CharField(max_length=12)),
            ],
        ),
        migrations.AddConstraint(
            "entry",
            CompositeForeignKey(
                columns=("debit", "credit", "currency"),
                name="entry_is_between_two_accounts",
                to="ledger_accountpair",
                to_columns=("debit", "credit", "currency"),
            ),
        ),
    ]
