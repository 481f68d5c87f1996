"""What an echo brings is kept beside the record, which it does not change."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oms_orders", "0006_collected_orders_and_windows")]
    operations = [migrations.AddField(model_name="order", name="echo", field=models.JSONField(null=True))]
