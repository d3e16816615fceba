from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("membership", "0010_number_by_country"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="lapse_held_on",
            field=models.DateField(
                blank=True,
                help_text="Something is paid, but not all: since this day staff are asked what becomes of it.",
                null=True,
                verbose_name="should have lapsed",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lapse_held_on__isnull", True),
                    models.Q(("lapses_on__lte", models.F("lapse_held_on")), ("status", "grace")),
                    _connector="OR",
                ),
                name="membership_lapse_held_in_grace",
            ),
        ),
    ]
