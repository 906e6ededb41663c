"""How far the story has been told: each step is kept under its name, so that a load that was cut off goes on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.idempotency import service as idempotency

SCOPE = "demo"
Answer = dict[str, Any]


class _NotYet(Exception):
    """The step hasn't been done."""


class Progress:
    """Runs steps once each. Names must not change while a story is being told; answers are plain JSON."""

    def __init__(self, *, began: datetime, report: Callable[[str], None] = lambda _: None) -> None:
        """`began` is the story's present; `report` is told each step's name before it is run."""
        self._began, self._report = began, report

    def once(self, name: str, work: Callable[..., Answer | None], *given: Any, **named: Any) -> Answer:
        """Do `work`, a module's verbs, and keep its answer: both or neither."""
        self._report(name)
        with transaction.atomic():
            return self._kept(name, lambda: work(*given, **named) or {})

    def flow(self, name: str, work: Callable[..., Answer | None], *given: Any, **named: Any) -> Answer:
        """Run `work`, a journey that commits by itself, then keep its answer.

        Cut off in between, it is run again, and its own key or state makes the second call the first one.
        """
        self._report(name)
        try:
            with transaction.atomic():
                return self._kept(name, _not_yet)
        except _NotYet:
            pass
        answer = work(*given, **named) or {}
        with transaction.atomic():
            return self._kept(name, lambda: answer)

    def _kept(self, name: str, work: Callable[[], Answer]) -> Answer:
        return idempotency.once(scope=SCOPE, key=name, content={}, now=self._began, work=work)


def _not_yet() -> Answer:
    raise _NotYet
