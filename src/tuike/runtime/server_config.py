"""The configuration files of the embedded server, written anew at every start from the machine's size."""

import os
from pathlib import Path

from tuike.runtime.account import Account
from tuike.runtime.place import PORT, Place

ROLES = ("postgres", "tuike_owner", "tuike_app")
"""The cluster's superuser; the role that migrates; the role of the running product."""

_MIB = 1024 * 1024


def write(place: Place, *, users: list[str]) -> bool:
    """Write the server's files; return whether the list of who may connect has changed.

    `users`: the accounts of the operating system that may connect, as any of `ROLES`.
    """
    _put(place.base / "postgresql.conf", _settings(place))
    _put(place.base / "pg_hba.conf", "# Only the socket, only accounts of the map.\nlocal all all peer map=tuike\n")
    lines = [f'tuike "{user}" {role}\n' for user in users for role in ROLES]
    return _put(place.base / "pg_ident.conf", "".join(lines))


def users(place: Place, account: Account, mine: Account) -> list[str]:
    """Return the OS accounts that may connect: we, and who owns the cluster if that is a person's account.

    The unprivileged account that root's server runs as is not let in.
    """
    owner_is_person = not account.dropped or place.base.stat().st_uid == account.uid
    return sorted({mine.name} | ({account.name} if owner_is_person else set()))


def arguments(place: Place) -> list[str]:
    """Return the server's arguments. What keeps data safe and closed stands here, where no file can override it."""
    fixed = {
        "config_file": place.base / "postgresql.conf",
        "hba_file": place.base / "pg_hba.conf",
        "ident_file": place.base / "pg_ident.conf",
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": place.sockets,
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "logging_collector": "off",
    }
    return ["-D", str(place.data), *(part for name, value in fixed.items() for part in ("-c", f"{name}={value}"))]


def _settings(place: Place) -> str:
    memory = _memory()
    shared = max(32 * _MIB, min(memory // 8, 1024 * _MIB)) // _MIB
    maintenance = max(32 * _MIB, min(memory // 32, 512 * _MIB)) // _MIB
    return f"""# Written at every start. Settings of your own belong into local.conf beside this file.
shared_buffers = {shared}MB
effective_cache_size = {max(64, memory // 2 // _MIB)}MB
work_mem = 16MB
maintenance_work_mem = {maintenance}MB
max_connections = 100
max_wal_size = 4GB
wal_compression = on
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.simple'
shared_preload_libraries = 'pg_stat_statements'
# The log goes to logs/postgres.log of the home. It holds no values: no parameters, no details such as
# "Key (phone)=(…) already exists", no statements that failed.
log_destination = 'stderr'
log_line_prefix = '%m [%p] %q%u@%d/%a '
log_min_duration_statement = 1s
log_lock_waits = on
log_temp_files = 64MB
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
{"include = 'local.conf'" if (place.base / "local.conf").exists() else ""}
"""


def _memory() -> int:
    """Return the bytes of memory that we may use: the machine's, or less where a container says so."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            memory = min(memory, int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue
    return memory


def _put(path: Path, text: str) -> bool:
    """Replace a file at once, readable for the server's account; return whether its content changed."""
    try:
        if path.read_text() == text:
            return False
    except OSError:
        pass  # missing, or unreadable: written anew
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.chmod(0o644)
    fresh.replace(path)
    return True
