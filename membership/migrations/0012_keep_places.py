import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("membership", "0011_hold_lapses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="affiliation",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="affiliations",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
    ]
