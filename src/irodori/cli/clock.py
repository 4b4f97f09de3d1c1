"""The clock of the command line: the one place where it is read."""

import time
from datetime import datetime


def now() -> datetime:
    """Return the moment, in the person's time zone."""
    return datetime.fromtimestamp(time.time()).astimezone()
