"""What a pass sees of the stock is found by product whatever the statistics say, and not sorted before it is added up.

With the products as plain values PostgreSQL took either index of the balances for equally good, and with the one by location
it read all of it. The order of the figures of a product means nothing.
"""

from django.db import migrations

SEEN = """
CREATE OR REPLACE FUNCTION oms_planning_stock(products bigint[])
RETURNS TABLE (product_id bigint, locations text, available text)
LANGUAGE sql STABLE
SET enable_indexscan = off SET enable_seqscan = off {} SET work_mem = '32MB'
AS $$
SELECT balance.product_id, string_agg(location_id::text, ','), string_agg((on_hand - reserved)::text, ',')
FROM oms_stock_balance balance
WHERE balance.product_id = ANY({}) AND on_hand > reserved
GROUP BY balance.product_id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("oms_planning", "0005_stock_seen_plainly")]
    operations = [
        migrations.RunSQL(
            SEEN.format("SET enable_sort = off", "ARRAY(SELECT unnest(products) ORDER BY 1)"),
            SEEN.format("SET plan_cache_mode = force_custom_plan", "products"),
        )
    ]
