from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("membership", "0005_write_charges")]

    operations = [
        migrations.RemoveField(model_name="application", name=name)
        for name in ("employees", "invoice", "yearly_fee")
    ]
