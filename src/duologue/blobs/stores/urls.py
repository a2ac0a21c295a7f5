"""From `STORAGE_URL` to a store.

    (unset)                                          the folder `files` of the data directory
    file:///srv/duologue/files                       another folder
    s3://KEY:SECRET@bucket/prefix?region=eu-west-1&endpoint=https://minio.example
    gs://bucket/prefix?service_account=/path/to/key.json
    az://ACCOUNT:KEY@container/prefix
    bunny://ACCESS_KEY@storage.bunnycdn.com/zone/prefix

User, password and path are percent-encoded. What the URL leaves out, obstore takes from the cloud's own environment variables
(AWS_ACCESS_KEY_ID, GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT_KEY ...) or the machine's role.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from duologue.blobs.stores.bunny import BunnyBlobs
from duologue.blobs.stores.local import LocalBlobs
from duologue.blobs.stores.objects import ObjectBlobs
from duologue.core.files import BlobStore

# A store that is away is said to be so within seconds, not after the library's three minutes.
_RETRIES: Mapping[str, Any] = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}


def open_store(url: str, default: Path) -> BlobStore:
    """The store that `url` names; the folder `default` when it is empty. Connects to nothing yet.

    Raises:
        ValueError: a sentence that says what is wrong, without quoting the URL, which may hold a key.
    """
    if not url:
        return LocalBlobs(default)
    parts = urlsplit(url)
    opener = _SCHEMES.get(parts.scheme)
    if opener is None:
        raise ValueError(f"STORAGE_URL must begin with one of {', '.join(f'{scheme}://' for scheme in _SCHEMES)}")
    try:
        return opener(parts, dict(parse_qsl(parts.query)))
    except (BaseError, TypeError) as error:
        raise ValueError(f"STORAGE_URL: {parts.scheme}:// does not take these options") from error


def _local(parts: SplitResult, _: Mapping[str, str]) -> BlobStore:
    if parts.netloc or not parts.path.strip("/"):
        raise ValueError("STORAGE_URL: a folder is written file:///path/to/folder")
    return LocalBlobs(Path(unquote(parts.path)))


def _s3(parts: SplitResult, options: Mapping[str, str]) -> BlobStore:
    keys = _named(parts, "access_key_id", "secret_access_key")
    return ObjectBlobs(S3Store(_bucket(parts), prefix=_prefix(parts), **_reach(options), **keys, **options))  # type: ignore[arg-type]


def _gcs(parts: SplitResult, options: Mapping[str, str]) -> BlobStore:
    return ObjectBlobs(GCSStore(_bucket(parts), prefix=_prefix(parts), **_reach(options), **options))  # type: ignore[arg-type]


def _azure(parts: SplitResult, options: Mapping[str, str]) -> BlobStore:
    keys = _named(parts, "account_name", "account_key")
    return ObjectBlobs(AzureStore(_bucket(parts), prefix=_prefix(parts), **_reach(options), **keys, **options))  # type: ignore[arg-type]


def _bunny(parts: SplitResult, options: Mapping[str, str]) -> BlobStore:
    zone, _, prefix = unquote(parts.path).strip("/").partition("/")
    if not parts.username or not parts.hostname or not zone:
        raise ValueError("STORAGE_URL: a zone is written bunny://ACCESS_KEY@storage.bunnycdn.com/zone")
    host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    return BunnyBlobs(f"{options.get('scheme', 'https')}://{host}", zone, unquote(parts.username), prefix=prefix)


_SCHEMES: Mapping[str, Callable[[SplitResult, Mapping[str, str]], BlobStore]] = {
    "file": _local,
    "s3": _s3,
    "gs": _gcs,
    "az": _azure,
    "bunny": _bunny,
}


def _bucket(parts: SplitResult) -> str:
    """After the keys, in the case it is written in."""
    bucket = parts.netloc.rpartition("@")[2]
    if not bucket:
        raise ValueError(f"STORAGE_URL: {parts.scheme}:// needs the name of a bucket or container")
    return bucket


def _prefix(parts: SplitResult) -> str | None:
    return unquote(parts.path).strip("/") or None


def _named(parts: SplitResult, user: str, password: str) -> dict[str, str]:
    """User and password of the URL, as the store calls them."""
    found = {user: parts.username, password: parts.password}
    return {name: unquote(value) for name, value in found.items() if value is not None}


def _reach(options: Mapping[str, str]) -> dict[str, Any]:
    """How long to wait and to try; plain HTTP only where an endpoint is written so."""
    is_plain = any(value.startswith("http://") for value in options.values())
    client = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=60), "allow_http": is_plain}
    return {"client_options": client, "retry_config": dict(_RETRIES)}
