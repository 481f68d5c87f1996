"""Room on each page for balances changed in place; a ledger that can only grow."""

from django.db import migrations

FORBID = """
CREATE FUNCTION oms_stock_ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the stock ledger only grows'; END $$;
CREATE TRIGGER oms_stock_ledger_only_grows BEFORE UPDATE OR DELETE ON oms_stock_ledgerentry
FOR EACH STATEMENT EXECUTE FUNCTION oms_stock_ledger_only_grows();
"""
ALLOW = """
DROP TRIGGER oms_stock_ledger_only_grows ON oms_stock_ledgerentry;
DROP FUNCTION oms_stock_ledger_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("oms_stock", "0001_initial")]
    operations = [
        migrations.RunSQL("ALTER TABLE oms_stock_balance SET (fillfactor = 70)", migrations.RunSQL.noop),
        migrations.RunSQL(FORBID, ALLOW),
    ]
