"""The main of the worker processes for `images.py`: `python -m duologue.blobs.worker_images`."""

from duologue.blobs.images import process
from duologue.blobs.worker import run

if __name__ == "__main__":
    run(process)
