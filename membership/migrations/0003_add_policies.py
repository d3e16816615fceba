import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("membership", "0002_add_joining"),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="membershippage",
            name="code_of_conduct",
            field=models.ForeignKey(
                blank=True,
                help_text="Who joins accepts it; the form links to it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.WAGTAIL_PAGE_MODEL,
                verbose_name="code of conduct",
            ),
        ),
        migrations.AddField(
            model_name="membershippage",
            name="privacy_statement",
            field=models.ForeignKey(
                blank=True,
                help_text="The join form links to it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.WAGTAIL_PAGE_MODEL,
                verbose_name="privacy statement",
            ),
        ),
    ]
