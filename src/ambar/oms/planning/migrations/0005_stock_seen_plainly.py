"""What a pass sees of the stock, written as it stands: half the work of turning each figure into thousandths there."""

from django.db import migrations

DROP = "DROP FUNCTION oms_planning_stock(bigint[]);"
CREATE = """
CREATE FUNCTION oms_planning_stock(products bigint[])
RETURNS TABLE (product_id bigint, locations text, available text)
LANGUAGE sql STABLE
SET enable_indexscan = off SET enable_seqscan = off SET plan_cache_mode = force_custom_plan SET work_mem = '32MB'
AS $$
SELECT balance.product_id, string_agg(location_id::text, ','), string_agg((on_hand - reserved)::text, ',')
FROM oms_stock_balance balance WHERE balance.product_id = ANY(products) AND on_hand > reserved
GROUP BY balance.product_id
$$;
"""
BEFORE = """
CREATE FUNCTION oms_planning_stock(products bigint[])
RETURNS TABLE (product_id bigint, locations text, thousandths text)
LANGUAGE sql STABLE
SET enable_indexscan = off SET enable_seqscan = off SET plan_cache_mode = force_custom_plan SET work_mem = '32MB'
AS $$
WITH seen AS MATERIALIZED (
    SELECT balance.product_id, balance.location_id, ((on_hand - reserved) * 1000)::bigint AS free
    FROM oms_stock_balance balance WHERE balance.product_id = ANY(products) AND on_hand > reserved
)
SELECT product_id, string_agg(location_id::text, ','), string_agg(free::text, ',') FROM seen GROUP BY product_id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("oms_planning", "0004_stock_seen")]
    operations = [migrations.RunSQL(DROP + CREATE, DROP + BEFORE)]
