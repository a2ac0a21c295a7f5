"""Google's storage without Google: what stands in for it, and what each stand-in lacks.

obstore speaks Google's XML API. The emulator of PyPI (gcp-storage-emulator) speaks the JSON API and little of the other: a PUT is
stored but answered without an ETag, a GET comes without Last-Modified, and both headers are required; HEAD, DELETE, lists and
uploads in parts are 501. So the contract of stores is held against moto's server, whose S3 is what the XML API was made from, and the
emulator is asked for what it can say: under which name, with which type and bytes Google has a file, and that one is missing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
from gcp_storage_emulator.server import create_server


class Emulator:
    """A running emulator with the bucket `files`; `url` is its STORAGE_URL, with `{prefix}` in it."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self._endpoint = endpoint
        account = folder / "account key.json"
        unsigned = {"client_email": "", "private_key": "", "private_key_id": ""}
        account.write_text(json.dumps({"gcs_base_url": endpoint, "disable_oauth": True, **unsigned}))
        self.url = f"gs://files/{{prefix}}?service_account={quote(str(account))}&base_url={endpoint}"

    def known(self) -> list[tuple[str, str, bytes]]:
        """Name, type and bytes of all it has, by the JSON API."""
        with httpx.Client(base_url=self._endpoint) as client:
            found = client.get("/storage/v1/b/files/o").json().get("items", [])
            return [
                (item["name"], item["contentType"], client.get(f"/files/{quote(item['name'])}").content)
                for item in found
            ]


@contextmanager
def emulator(folder: Path) -> Iterator[Emulator]:
    """Run one in this process; `folder` takes the file of its account."""
    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket="files")
    server.start()
    try:
        yield Emulator(f"http://127.0.0.1:{server._api._httpd.server_address[1]}", folder)
    finally:
        server.stop()


def through_s3(endpoint: str) -> str:
    """A STORAGE_URL of moto's S3 taken for GCS: the token is given, in a form that moto takes for one of its own."""
    return f"gs://files/{{prefix}}?base_url={endpoint}&bearer_token=key/date/us-east-1/s3/aws4_request"
