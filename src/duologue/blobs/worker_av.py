"""The main of the worker processes for `av.py`: `python -m duologue.blobs.worker_av`."""

from duologue.blobs.av import process
from duologue.blobs.worker import run

if __name__ == "__main__":
    run(process)
