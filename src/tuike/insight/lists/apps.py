"""A party's personal tokens, and the calls that its software made in the last seven days."""

from tuike.insight.lists.types import Column, Filter, Listing

TOKEN_STATES = {
    "on": ("有效", "In use", "green"),
    "over": ("已到期", "Ended", "grey"),
    "revoked": ("已撤销", "Revoked", "grey"),
}
DOORS = {
    "api": ("开放接口", "Own API", "blue"),
    "union": ("联盟接口", "Alliance API", "amber"),
}
CLASSES = {
    "done": ("成功", "Done", "green"),
    "refused": ("被拒绝", "Refused", "amber"),
    "limited": ("超出限额", "Beyond the limit", "red"),
    "failed": ("服务出错", "Failed here", "red"),
}
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")
_STATE = """
    CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= %(now)s THEN 'over' ELSE 'on' END
"""
_CLASS_SQL = {
    "done": "(c.status < 400 AND c.code = '')",
    "refused": "(c.status < 500 AND c.status <> 429 AND (c.status >= 400 OR c.code <> '')"
    " AND c.code <> 'too_many_calls')",
    "limited": "(c.status = 429 OR c.code = 'too_many_calls')",
    "failed": "(c.status >= 500)",
}
_CLASS = (
    "CASE WHEN c.status >= 500 THEN 'failed' WHEN c.status = 429 OR c.code = 'too_many_calls' THEN 'limited'"
    " WHEN c.status >= 400 OR c.code <> '' THEN 'refused' ELSE 'done' END"
)

TOKENS = Listing(
    name="api_tokens",
    sql_from="apps_token t LEFT JOIN people_person p ON p.id = t.created_by",
    scope_sql="t.party_id = %(party)s AND t.kind = 'personal'",
    id_sql="t.id",
    default_sort="-new",
    columns=(
        Column("name", ("令牌", "Token"), "t.name", also={"id": "t.id"}),
        Column("tail", ("末四位", "Last four"), "t.tail"),
        Column("scopes", ("权限数", "Scopes"), "cardinality(t.scopes)", kind="count"),
        Column("state", ("状态", "State"), _STATE, kind="tag", words=TOKEN_STATES),
        Column("made_by", ("创建人", "Made by"), "p.nickname", kind="person"),
        Column("created_at", ("创建时间", "Made"), "t.created_at", kind="time"),
        Column("expires_at", ("到期时间", "Ends"), "t.expires_at", kind="time"),
        Column("new", ("编号", "Id"), "t.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
)
"""Scope: `party` (id), `now`."""

CALLS = Listing(
    name="api_calls",
    sql_from="apps_call c",
    scope_sql="c.party_id = %(party)s",
    id_sql="c.id",
    default_sort="-new",
    columns=(
        Column("path", ("地址", "Path"), "c.path", also={"id": "c.id"}),
        Column("method", ("方法", "Method"), "c.method"),
        Column("door", ("接口", "API"), "c.door", kind="tag", words=DOORS),
        Column("class", ("结果", "Result"), _CLASS, kind="tag", words=CLASSES),
        Column("status", ("状态码", "Status"), "c.status::int", kind="count"),
        Column("code", ("错误码", "Code"), "nullif(c.code, '')"),
        Column("took_ms", ("耗时（毫秒）", "Took (ms)"), "c.took_ms", kind="count"),
        Column("at", ("时间", "At"), "c.at", kind="time"),
        Column("request_id", ("请求编号", "Request id"), "c.request_id", shown=False),
        Column("new", ("编号", "Id"), "c.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        Filter(
            "q",
            ("地址或请求编号", "Path or request id"),
            "(c.path ILIKE %(like)s OR c.request_id = %(value)s)",
            hint=("如 /orders", "e.g. /orders"),
        ),
        Filter(
            "door",
            ("接口", "API"),
            "c.door = %(value)s",
            kind="choice",
            choices=[(key, words[:2]) for key, words in DOORS.items()],
        ),
        Filter(
            "method",
            ("方法", "Method"),
            "c.method = %(value)s",
            kind="choice",
            choices=[(one, (one, one)) for one in _METHODS],
        ),
        Filter("code", ("错误码", "Code"), "c.code = %(value)s"),
        Filter("at", ("日期", "Day"), "c.at >= %(low)s AND c.at < %(high)s", kind="days"),
    ),
    tabs=Filter(
        "class",
        ("结果", "Result"),
        "",
        kind="choice",
        choices=[(key, words[:2]) for key, words in CLASSES.items()],
        conditions=_CLASS_SQL,
    ),
)
"""Scope: `party` (id). The log keeps seven days."""
