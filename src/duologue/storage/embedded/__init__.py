"""The embedded PostgreSQL: our own start, adoption, stop and ownership of the wheel's binaries (design part 9).

What lives here: everything between a data folder and a DSN. What does not: the pool, migrations and SQL of the product.
"""

from duologue.storage.embedded.errors import EmbeddedError
from duologue.storage.embedded.server import EmbeddedPostgres, running_dsn

__all__ = ["EmbeddedError", "EmbeddedPostgres", "running_dsn"]
