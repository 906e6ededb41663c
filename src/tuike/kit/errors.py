"""Refusals: a verb that says no, by name, and changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class Refusal(Exception):
    """A named no. A subclass stands beside the verb that refuses and carries its sentence in both languages.

    `code` is stable and part of the API; `status` is the HTTP status a door answers with; the sentences may hold
    `{fields}` that are filled from the keyword arguments, and tell the reader what to do. `about` is the public number
    of the one that the no is about where several were sent; empty where it is about all of them.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    zh: ClassVar[str] = "操作被拒绝"
    en: ClassVar[str] = "The request was refused."

    def __init__(self, **details: object) -> None:
        self.details = details
        self.about = ""
        super().__init__(self.sentence("en"))

    def sentence(self, language: str = "zh-hans") -> str:
        """Return the sentence for the reader's language (`zh…` or anything else for English)."""
        text = self.zh if language.lower().startswith("zh") else self.en
        return text.format(**self.details) if self.details else text


class NotFound(Refusal):
    """What was asked for does not exist, or is not the asker's: both look the same (docs/rules.md §1)."""

    code = "not_found"
    status = 404
    zh = "没有找到，或者您无权查看"
    en = "Not found, or not yours to see."


class Forbidden(Refusal):
    """The asker's own party owns it, but the asker's role doesn't reach it."""

    code = "forbidden"
    status = 403
    zh = "您的角色不能进行此操作"
    en = "Your role does not allow this."


class Invalid(Refusal):
    """A value is wrong; `field` says which and `reason_zh`/`reason_en` why."""

    code = "invalid"
    status = 422
    zh = "{field}：{reason_zh}"
    en = "{field}: {reason_en}"

    def __init__(self, *, field: str, reason_zh: str, reason_en: str) -> None:
        super().__init__(field=field, reason_zh=reason_zh, reason_en=reason_en)


@contextmanager
def about(number: str) -> Iterator[None]:
    """Let a no from within say that it is about this one of several that were sent, by its public number."""
    try:
        yield
    except Refusal as refusal:
        refusal.about = refusal.about or number
        raise
