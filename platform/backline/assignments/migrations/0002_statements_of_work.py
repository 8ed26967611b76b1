
from django.db import migrations, models

class Migration(migrations.Migration):

    dependencies = [
        ('assignments', '0001_initial'),
        ('directory', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='assignment',
            name='engagement_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='assignment',
            name='company_engagement_has_a_company',
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('engagement__in', ('paye', 'umbrella', 'limited', 'sow', 'cis', 'w2', '1099'))), name='engagement_is_known'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('engagement__in', ['umbrella', 'limited', 'sow']), _negated=True), ('intermediary__isnull', False), _connector='OR'), name='company_engagement_has_a_company'),
        ),
    ]
