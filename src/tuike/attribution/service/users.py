"""What a promoter's software says of its own users: its open-platform account, and by what it knows each."""

from datetime import datetime, timedelta

from django.db import transaction

from tuike.attribution.queries import BOUND, unionid_index
from tuike.attribution.types import OpenAccountFixed, TooManyUserInfos, UserInfoMissing
from tuike.db import rows

CHANGES_A_YEAR = 2
YEAR = timedelta(days=365)
MOST_INFOS = 10_000
"""Users that a promoter may say something of."""

_OPEN = "INSERT INTO attribution_place_count (promoter_id, places) VALUES (%s, 0) ON CONFLICT DO NOTHING"
_LOCK = "SELECT 1 FROM attribution_place_count WHERE promoter_id = %s FOR UPDATE"


@transaction.atomic
def bind_open_account(*, promoter_id: int, account: str, now: datetime) -> None:
    """Bind a promoter's software to an open-platform account; the same one again changes nothing.

    Raises:
        OpenAccountFixed: changed twice in the last 365 days. The first binding is no change.
    """
    _lock(promoter_id)
    bound = rows.query(BOUND, [promoter_id])
    if bound and bound[0][0] == account:
        return
    if sum(at > now - YEAR for _, at in bound[:-1]) >= CHANGES_A_YEAR:
        raise OpenAccountFixed
    rows.run(
        "INSERT INTO attribution_open_account (promoter_id, account, bound_at) VALUES (%s, %s, %s)",
        [promoter_id, account, now],
    )


@transaction.atomic
def keep_user_info(*, promoter_id: int, unionid: str, text: str, now: datetime) -> None:
    """Keep what the promoter's software knows a user by; the last word counts.

    Raises:
        TooManyUserInfos: ten thousand are kept already.
    """
    _lock(promoter_id)
    index = unionid_index(unionid)
    there = rows.query(
        "SELECT count(*), bool_or(unionid_index = %s) FROM attribution_user_info WHERE promoter_id = %s",
        [index, promoter_id],
    )[0]
    if there[0] >= MOST_INFOS and not there[1]:
        raise TooManyUserInfos(most=MOST_INFOS)
    rows.run(
        "INSERT INTO attribution_user_info (promoter_id, unionid_index, text, written_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (promoter_id, unionid_index)"
        " DO UPDATE SET text = EXCLUDED.text, written_at = EXCLUDED.written_at",
        [promoter_id, index, text, now],
    )


def forget_user_info(*, promoter_id: int, unionid: str) -> None:
    """Forget what a user is known by.

    Raises:
        UserInfoMissing: there is none.
    """
    removed = rows.run(
        "DELETE FROM attribution_user_info WHERE promoter_id = %s AND unionid_index = %s",
        [promoter_id, unionid_index(unionid)],
    )
    if not removed:
        raise UserInfoMissing


def _lock(promoter_id: int) -> None:
    rows.run(_OPEN, [promoter_id])
    rows.query(_LOCK, [promoter_id])
