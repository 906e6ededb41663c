"""What can be wrong with the machine, said to the person in front of it."""

from tuike.runtime.words import say


class Unusable(Exception):
    """The database can't be started or reached here; `str()` says why and what to do, in the reader's language."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(say(zh, en))
