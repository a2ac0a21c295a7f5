"""PostgreSQL: the pool, migrations and one module of statements per noun. No product rules."""
