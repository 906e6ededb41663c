"""A person keeps, renames, replaces or removes a view of a page, and chooses its columns: nothing of the business
changes, so that no act is left behind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.views import queries, service
from tuike.views.types import Keeper, ViewShown


@retry
def save_view(*, keeper: Keeper, name: str, asked: Mapping[str, str], key: str, now: datetime) -> ViewShown:
    """Keep what an address asks for under a new name; with a used key, return the view that it made.

    Raises:
        BadViewName, ViewNameTaken, TooManyViews: the name, or twenty are kept.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        return {"id": service.save(keeper=keeper, name=name, asked=asked, now=now).id}

    with transaction.atomic(durable=True):
        answer = idempotency.once(
            scope=f"person:{keeper.person_id}:save_view",
            key=key,
            content={"party": keeper.party_id, "page": keeper.page, "name": name, "asked": dict(asked)},
            now=now,
            work=work,
        )
        return queries.one(keeper=keeper, view_id=answer["id"])


@retry
def replace_view(*, keeper: Keeper, view_id: int, asked: Mapping[str, str], now: datetime) -> ViewShown:
    """Let a view ask for something else from now on; the same again changes nothing.

    Raises:
        NotFound: the seat has no such view.
    """
    with transaction.atomic(durable=True):
        return service.replace(keeper=keeper, view_id=view_id, asked=asked, now=now)


@retry
def rename_view(*, keeper: Keeper, view_id: int, name: str, now: datetime) -> ViewShown:
    """Give a view another name; the same again changes nothing.

    Raises:
        BadViewName, ViewNameTaken: the name.
        NotFound: the seat has no such view.
    """
    with transaction.atomic(durable=True):
        return service.rename(keeper=keeper, view_id=view_id, name=name, now=now)


@retry
def delete_view(*, keeper: Keeper, view_id: int) -> None:
    """Remove a view.

    Raises:
        NotFound: the seat has no such view.
    """
    with transaction.atomic(durable=True):
        service.delete(keeper=keeper, view_id=view_id)


@retry
def put_view_first(*, keeper: Keeper, view_id: int, first: bool, now: datetime) -> ViewShown:
    """Let the page open with a view, or with none; the same again changes nothing.

    Raises:
        NotFound: the seat has no such view.
    """
    with transaction.atomic(durable=True):
        return service.put_first(keeper=keeper, view_id=view_id, first=first, now=now)


@retry
def choose_columns(*, keeper: Keeper, names: Sequence[str], now: datetime) -> None:
    """Keep the columns that a seat wants to see; none: the usual ones again."""
    with transaction.atomic(durable=True):
        service.choose_columns(keeper=keeper, names=names, now=now)
