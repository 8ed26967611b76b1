from django.db import migrations, models

NAMES = """
UPDATE kernel_feed SET name = e.name FROM kernel_event e WHERE e.id = kernel_feed.event_id
"""


class Migration(migrations.Migration):
    """The feed says each event's name, so that a reader steps over those it does not want."""

    dependencies = [("kernel", "0003_keys_without_a_look")]

    operations = [
        migrations.AddField(
            "feed", "name", models.CharField(max_length=60, default=""), preserve_default=False
        ),
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
    ]
