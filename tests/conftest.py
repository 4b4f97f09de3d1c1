"""How hypothesis looks for examples: the same ones in every run, or many at random."""

import os

from hypothesis import settings

# A run of CI judges the change in front of it, so it tries the same examples on every machine.
# IRODORI_FUZZ=1 searches: other examples every time, as often as a test asks for.
settings.register_profile("ci", derandomize=True)
settings.register_profile("fuzz", derandomize=False)
settings.load_profile("fuzz" if os.environ.get("IRODORI_FUZZ") else "ci")
