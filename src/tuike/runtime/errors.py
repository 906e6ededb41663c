"""What can be wrong with the machine, said to the person in front of it."""


class Unusable(Exception):
    """The database can't be started or reached here; `str()` says why and what to do, in two languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en
