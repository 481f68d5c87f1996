"""Orders that stand out of stock are planned again at their time; what is due has an index of its own."""

from django.db import migrations, models

STATES = ["new", "planning", "planned", "hold", "pending", "out_of_stock"]


class Migration(migrations.Migration):
    dependencies = [("oms_orders", "0001_initial")]
    operations = [
        migrations.RemoveConstraint(model_name="order", name="oms_orders_order_planning_state"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(planning_state__in=STATES), name="oms_orders_order_planning_state"
            ),
        ),
        migrations.RemoveIndex(model_name="order", name="oms_orders_order_to_plan"),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["id"],
                name="oms_orders_order_to_plan",
                condition=models.Q(planning_state="new", state__gte=400, state__lt=500),
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["due_at"],
                name="oms_orders_order_due",
                condition=models.Q(
                    planning_state__in=["pending", "out_of_stock"], state__gte=400, state__lt=500
                ),
            ),
        ),
    ]
