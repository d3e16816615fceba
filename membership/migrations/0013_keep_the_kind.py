from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("membership", "0012_keep_places")]

    operations = [
        migrations.AddField(
            model_name="application",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("company", "company"),
                    ("local_government", "local government"),
                    ("knowledge_institution", "knowledge institution"),
                    ("other", "other organisation"),
                ],
                default="",
                help_text="The kind of organisation that the applicant chose: the price was based on it.",
                max_length=30,
                verbose_name="kind",
            ),
            preserve_default=False,
        ),
    ]
