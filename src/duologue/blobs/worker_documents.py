"""The main of the worker processes for `inspection/`: `python -m duologue.blobs.worker_documents`."""

from duologue.blobs.inspection.documents import process
from duologue.blobs.worker import run

if __name__ == "__main__":
    run(process)
