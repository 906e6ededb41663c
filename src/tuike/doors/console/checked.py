"""When the books were last compared with what a page adds up, in words."""

from datetime import datetime

from tuike.checkups import queries as checkups
from tuike.doors.console.text import T


def said(now: datetime, check: str, *more: str) -> tuple[T, bool] | None:
    """Return when the check `check` of `verify` last ran, in words, and whether it held; None where it never did.

    `more` are checks that had to hold, too, where they were part of the same run.
    """
    last = checkups.last_with(check)
    if last is None or last.ended_at is None:
        return None
    results = {one["name"]: one["findings"] for one in last.results}
    holds = check in results and not last.problem and not any(results.get(name) for name in (check, *more))
    minutes = max(0, int((now - last.ended_at).total_seconds())) // 60
    if minutes < 60:
        ago = T("{n} 分钟前", "{n} min ago").fill(n=minutes)
    elif minutes < 48 * 60:
        ago = T("{n} 小时前", "{n} h ago").fill(n=minutes // 60)
    else:
        ago = T("{n} 天前", "{n} days ago").fill(n=minutes // 1440)
    fine = T("账目 {ago}已核对 ✓", "Books checked {ago} ✓")
    words = fine if holds else T("账目 {ago}核对时不一致 ✗", "Books differed {ago} ✗")
    return words.fill(ago=ago), holds
