import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('oms_packages', '0002_units_taken_off'),
    ]

    operations = [
        migrations.RunSQL('CREATE SEQUENCE oms_invoices_number', 'DROP SEQUENCE oms_invoices_number'),
        migrations.CreateModel(
            name='InvoiceCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(max_length=16)),
                ('state', models.CharField(max_length=16)),
                ('key', models.UUIDField(unique=True)),
                ('command_code', models.CharField(max_length=128)),
                ('transition_slug', models.CharField(max_length=128)),
                ('made_number', models.CharField(default='', max_length=128)),
                ('makes_url', models.BooleanField(default=False)),
                ('answer', models.JSONField(default=dict)),
                ('content', models.BinaryField(null=True)),
                ('content_type', models.CharField(default='', max_length=64)),
                ('failure', models.TextField(default='')),
                ('attempts', models.IntegerField(default=0)),
                ('asked_until', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('modified_at', models.DateTimeField()),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='oms_packages.package')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'id'], name='oms_invoices_call_state')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('purpose__in', ['invoice', 'bill']), ('state__in', ['asking', 'failed', 'answered', 'used'])), name='oms_invoices_call_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['answered', 'used']), _negated=True), ('answered_at__isnull', False), _connector='OR'), name='oms_invoices_call_answered'),
                    models.UniqueConstraint(condition=models.Q(('state', 'used'), _negated=True), fields=('package', 'purpose'), name='oms_invoices_call_open_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(db_index=True, max_length=128)),
                ('issued_at', models.DateTimeField()),
                ('document_type', models.CharField(default='', max_length=32)),
                ('url', models.CharField(default='', max_length=2048)),
                ('url_is_ours', models.BooleanField(default=False)),
                ('source', models.CharField(max_length=16)),
                ('user_id', models.BigIntegerField(null=True)),
                ('is_current', models.BooleanField()),
                ('replaced_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_index=True)),
                ('call', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to='oms_invoices.invoicecall')),
                ('package', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='oms_packages.package')),
            ],
            options={
                'indexes': [models.Index(fields=['package', 'id'], name='oms_invoices_of_package')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('source__in', ['given', 'remote', 'bill', 'made'])), name='oms_invoices_invoice_source'),
                    models.CheckConstraint(condition=models.Q(models.Q(('is_current', True), ('replaced_at__isnull', True)), models.Q(('is_current', False), ('replaced_at__isnull', False)), _connector='OR'), name='oms_invoices_invoice_replaced'),
                    models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('package',), name='oms_invoices_one_current'),
                ],
            },
        ),
        migrations.CreateModel(
            name='InvoiceDocument',
            fields=[
                ('invoice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='oms_invoices.invoice')),
                ('content', models.BinaryField()),
                ('content_type', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
            ],
        ),
    ]
