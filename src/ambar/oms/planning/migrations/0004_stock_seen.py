"""Reading the stock of many products page by page.

Following the index product by product reads most pages of the balances again and again; a bitmap reads each once. The
estimate behind the choice is wrong by far (an array, two columns compared), so this one statement is told how.
"""

from django.db import migrations

CREATE = """
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
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("oms_planning", "0003_attempts_and_exclusions"),
        ("oms_stock", "0003_engines_and_imports"),
    ]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION oms_planning_stock(bigint[])")]
