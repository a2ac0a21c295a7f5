"""The seed: twelve people and what they wrote to each other in the last weeks, for demonstrations and for trying things out.

`people.py` who they are, `talk.py` what they say, `story.py` what happened, `writer.py` how it gets into the database.
"""

from duologue.storage.seed.people import PASSWORD, PEOPLE
from duologue.storage.seed.writer import Seeded, seed

__all__ = ["PASSWORD", "PEOPLE", "Seeded", "seed"]
