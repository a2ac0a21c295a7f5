"""The configuration files of the embedded PostgreSQL, written anew at every launch. No setting of Duologue itself.

An operator tunes with `ALTER SYSTEM` as `postgres`, which wins over these files.
"""

import os
from pathlib import Path

from duologue.storage.embedded.account import Account

# log_*: the log tells what the server itself went through, never what a client said. DETAIL lines carry row values
# (terse removes them), STATEMENT lines and parameters carry texts; the role `duologue` does not log its errors at all,
# see `roles.py`.
FIXED = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "cluster_name": "duologue",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "5min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_connections": "off",
    "log_disconnections": "off",
    "log_statement": "none",
    "log_autovacuum_min_duration": "-1",
}


def write_settings(data: Path, account: Account, *, socket: Path, log: Path) -> None:
    """Write postgresql.conf, pg_hba.conf and pg_ident.conf into `data`.

    Only `account.client`, which is how PostgreSQL sees this process at the other end of the socket, may connect. The
    kernel vouches for it (peer), and the folder of the socket is closed to all others besides.
    """
    values = FIXED | {"unix_socket_directories": f'"{socket}"', "log_directory": str(log)}
    lines = [f"{name} = {_quoted(value)}" for name, value in values.items()]
    _write(data / "postgresql.conf", account, lines)
    _write(data / "pg_hba.conf", account, ["local all all peer map=own", "local replication all peer map=own"])
    _write(data / "pg_ident.conf", account, [f'own "{account.client}" {role}' for role in ("duologue", "postgres")])


def _quoted(value: str) -> str:
    """Quote a value of postgresql.conf, where a backslash escapes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _write(path: Path, account: Account, lines: list[str]) -> None:
    """Write a new file, never through a link, as the folder may belong to another account."""
    text = "\n".join(["# Written by Duologue at every start; changes are lost.", *lines, ""])
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        account.hand_over(descriptor)
