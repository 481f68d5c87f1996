"""Django's PostgreSQL backend, reading moments with psycopg's compiled loader."""
