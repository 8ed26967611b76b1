
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('directory', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='terms',
            name='deliver_by',
            field=models.CharField(default='email', max_length=8),
        ),
    ]
