"""Files put together: where they lie, how they come in, who looks into them. What is closed here is closed with the server."""

from contextlib import AsyncExitStack
from typing import Literal, cast

from duologue.app.errors import StartError
from duologue.blobs.clamav import ClamAV
from duologue.blobs.intake import FileIntake
from duologue.blobs.jobs import Limits
from duologue.blobs.partial import PartFiles
from duologue.blobs.processing import Processing
from duologue.blobs.spool import Spool
from duologue.blobs.stores.urls import open_store
from duologue.blobs.workers import Workers
from duologue.config import Config
from duologue.core.files import BlobStore
from duologue.core.ports import Clock
from duologue.storage.postgres import Postgres
from duologue.storage.quotas import Quotas

FOLDER = "files"  # below DATA_DIR: the spool, and the blobs unless STORAGE_URL says otherwise
SPOOL = "spool"
PARTS = "partial"  # of files whose uploads go on later


def store_of(config: Config) -> BlobStore:
    """The store that the settings name. Raises `StartError`."""
    try:
        return open_store(config.storage_url or "", config.data_dir / FOLDER)
    except ValueError as error:
        raise StartError(f"{error}.") from error
    except OSError as error:
        raise StartError(f"The folder for files cannot be made: {error.strerror}.") from error


def spool_of(config: Config) -> Spool:
    """The folder for what comes in. Raises `StartError`."""
    folder = config.data_dir / FOLDER / SPOOL
    try:
        return Spool(folder)
    except OSError as error:
        raise StartError(f"{folder} cannot be written: {error.strerror}; choose another DATA_DIR.") from error


def parts_of(config: Config, spool: Spool, intake: FileIntake, clock: Clock) -> PartFiles:
    """The folder for what goes on later, on the same disk. Raises `StartError`."""
    folder = config.data_dir / FOLDER / PARTS
    try:
        return PartFiles(folder, spool=spool, desk=intake.desk, clock=clock, ttl=config.upload_ttl)
    except OSError as error:
        raise StartError(f"{folder} cannot be used: {error.strerror}; choose another DATA_DIR.") from error


class Files:
    """The store and the intake of this process."""

    def __init__(self, config: Config, postgres: Postgres, *, clock: Clock, stack: AsyncExitStack) -> None:
        """Opens everything, to be closed by `stack`. Raises `StartError`."""
        self.store = store_of(config)
        stack.push_async_callback(self.store.close)
        spool = spool_of(config)
        stack.callback(spool.close)
        workers = Workers(config.media_workers, Limits())
        stack.push_async_callback(workers.close)
        processing = Processing(
            spool=spool,
            workers=workers,
            store=self.store,
            scanner=ClamAV(config.clamav_url) if config.clamav_url else None,
            clock=clock,
            on_findings=cast("Literal['refuse', 'flag']", config.file_findings),
        )
        is_bounded = config.user_quota is not None or config.storage_quota is not None
        quotas = Quotas(postgres, clock=clock, of_user=config.user_quota, of_store=config.storage_quota)
        self.intake = FileIntake(
            spool=spool, processing=processing, clock=clock, allowance=quotas if is_bounded else None
        )
        self.parts = parts_of(config, spool, self.intake, clock)
