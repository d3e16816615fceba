from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0006_name_the_goals"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="outgoingmail",
            options={
                "default_permissions": ("view",),
                "verbose_name": "outgoing e-mail",
                "verbose_name_plural": "outgoing e-mails",
            },
        ),
    ]
