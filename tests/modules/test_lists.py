"""The engine of lists: over rows that the database makes up, so that every edge is known."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from tuike.insight.lists import asking, listing
from tuike.insight.lists.listing import BadFilter, Capped, Column, Filter, Listing

SHOP, OTHER = 1, 2

ROWS = """(
    SELECT n AS id, n %% 2 + 1 AS shop, nullif(n %% 7, 0) * 100 AS fen, 'w' || (n %% 3) AS word,
        CASE WHEN n %% 3 = 0 THEN 'open' ELSE 'done' END AS state,
        timestamptz '2026-03-01 00:00+08' + n * interval '1 hour' AS at
    FROM generate_series(1, 200) AS n
) r"""

STATES = (("open", ("进行中", "Open")), ("done", ("已完成", "Done")))
LIST = Listing(
    name="test",
    sql_from=ROWS,
    scope_sql="r.shop = %(shop)s",
    id_sql="r.id",
    columns=(
        Column("no", ("编号", "No."), "'N' || r.id", sort=True),
        Column("fen", ("金额", "Amount"), "r.fen", kind="money", sort=True, total=True),
        Column("at", ("时间", "Time"), "r.at", kind="time", sort=True, filled=True),
        Column("day", ("日期", "Day"), "r.at::date", kind="day", sort=True),
        Column("id_", ("序号", "Id"), "r.id", kind="count", sort=True),
        Column("word", ("词", "Word"), "r.word", also={"under": "upper(r.word)"}),
        Column("state", ("状态", "State"), "r.state", kind="tag", words=dict(STATES)),
    ),
    filters=(
        Filter("q", ("关键词", "Keyword"), "r.word LIKE %(like)s"),
        Filter("at", ("时间", "Time"), "r.at >= %(low)s AND r.at < %(high)s", kind="days"),
        Filter("fen", ("金额", "Amount"), "r.fen BETWEEN %(low)s AND %(high)s", kind="fen"),
        Filter("rate", ("比例", "Rate"), "r.fen BETWEEN %(low)s AND %(high)s", kind="bps"),
        Filter(
            "words",
            ("词", "Words"),
            "r.word = ANY(%(value)s)",
            kind="choice",
            many=True,
            choices=[("w0", ("零", "zero")), ("w1", ("一", "one"))],
        ),
        Filter(
            "small",
            ("小", "Small"),
            "true",
            kind="choice",
            choices=[("yes", ("是", "yes")), ("no", ("否", "no"))],
            conditions={"yes": "r.id <= 10"},
        ),
    ),
    tabs=Filter("state", ("状态", "State"), "r.state = %(value)s", kind="choice", choices=STATES),
    default_sort="-at",
    page_size=7,
)


def walk(asked, *, key="after", way="next"):
    """Return the pages from the first one on, following `way`."""
    pages = [listing.page(LIST, {"shop": SHOP}, asked)]
    while onwards := getattr(pages[-1], way):
        pages.append(listing.page(LIST, {"shop": SHOP}, {**asked, key: onwards}))
    return pages


def sort_key(row, key, descending):
    """Return what a row is sorted by, those without a value last whichever way."""
    value = row[key]
    mark = 0 if value is None else value.timestamp() if isinstance(value, datetime) else value
    if isinstance(mark, str):
        mark = int(mark[1:].ljust(4, "/").encode().hex(), 16)
    if isinstance(mark, date):
        mark = mark.toordinal()
    sign = -1 if descending else 1
    return (value is None, sign * mark, sign * row["id"])


@pytest.mark.parametrize("sort", ["-at", "at", "-fen", "fen", "no", "-no", "-day", "id_", "-id_"])
def test_pages_hold_every_row_once_in_order_and_lead_back(db, sort):
    pages = walk({"sort": sort})
    seen = [row for page in pages for row in page.rows]
    assert sorted(row["id"] for row in seen) == [n for n in range(1, 201) if n % 2 == 0]
    keys = [sort_key(row, sort.removeprefix("-"), sort.startswith("-")) for row in seen]
    assert all(one < other for one, other in pairwise(keys))
    assert [len(page.rows) for page in pages[:-1]] == [7] * (len(pages) - 1)
    assert pages[0].previous is None
    back = [pages[-1]]
    while back[-1].previous:
        back.append(listing.page(LIST, {"shop": SHOP}, {"sort": sort, "before": back[-1].previous}))
    assert [page.rows for page in back[::-1]] == [page.rows for page in pages]
    assert back[-1].next == pages[0].next


def test_a_row_that_came_in_between_moves_nothing(db):
    """Keyset, not offset: the page after a row begins after that row, whatever stands before it by now."""
    first = listing.page(LIST, {"shop": SHOP}, {})
    grown = LIST.__class__(**{f: getattr(LIST, f) for f in LIST.__slots__} | {"sql_from": ROWS.replace("200", "300")})
    after = listing.page(grown, {"shop": SHOP}, {"after": first.next})
    assert after.rows == listing.page(LIST, {"shop": SHOP}, {"after": first.next}).rows


def test_what_is_shown_is_in_the_rows(db):
    row = listing.page(LIST, {"shop": SHOP}, {"sort": "id_"}).rows[0]
    assert row == {
        "id": 2, "no": "N2", "fen": 200, "at": datetime(2026, 2, 28, 18, tzinfo=UTC), "day": row["day"], "id_": 2,
        "word": "w2", "word__under": "W2", "state": "done",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "condition"),
    [
        ({"q": "w1"}, lambda n: n % 3 == 1),
        ({"q": "%"}, lambda n: False),
        ({"at_from": "2026-03-02", "at_to": "2026-03-02"}, lambda n: 24 <= n < 48),
        ({"at_from": "2026-03-08"}, lambda n: n >= 7 * 24),
        ({"at_to": "2026-03-01"}, lambda n: n < 24),
        ({"fen_min": "2", "fen_max": "3.00"}, lambda n: n % 7 in (2, 3)),
        ({"rate_max": "1%"}, lambda n: n % 7 == 1),
        ({"words": "w0,w1"}, lambda n: n % 3 in (0, 1)),
        ({"small": "yes"}, lambda n: n <= 10),
        ({"small": "no"}, lambda n: True),
        ({"state": "open"}, lambda n: n % 3 == 0),
        ({"state": "open", "q": "w0", "at_from": "2026-03-02"}, lambda n: n % 3 == 0 and n >= 24),
        ({"q": "  "}, lambda n: True),
    ],
)
def test_filters_find_what_they_say(db, asked, condition):
    wanted = [n for n in range(2, 201, 2) if condition(n)]
    found = [row["id"] for page in walk(asked | {"sort": "id_"}) for row in page.rows]
    assert found == wanted
    assert listing.count(LIST, {"shop": SHOP}, asked) == Capped(len(wanted), False)
    assert listing.totals(LIST, {"shop": SHOP}, asked) == {"fen": sum(n % 7 * 100 for n in wanted)}


@pytest.mark.parametrize(
    "asked",
    [
        {"at_from": "2026-02-30"}, {"at_to": "x"}, {"at_to": "9999-12-31"}, {"fen_min": "1.234"}, {"fen_max": "1e3"},
        {"fen_min": "9" * 20}, {"rate_min": "zwölf"}, {"words": "w0,w9"}, {"small": "perhaps"}, {"state": "gone"},
        {"sort": "word"}, {"sort": "--at"}, {"sort": "x; DROP TABLE"}, {"after": "x"}, {"after": "bnVsbA"},
        {"before": "WyJhdCIsMSwxXQ"}, {"q": "x" * 201}, {"q": "a\0b"},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(asked):
    with pytest.raises(BadFilter) as refused:
        asking.read(LIST, {"shop": SHOP}, asked)
    assert refused.value.status == 422
    assert refused.value.sentence("zh") != refused.value.sentence("en")


def test_a_token_of_another_sort_is_refused(db):
    first = listing.page(LIST, {"shop": SHOP}, {"sort": "fen"})
    with pytest.raises(BadFilter):
        listing.page(LIST, {"shop": SHOP}, {"sort": "-at", "after": first.next})


def test_the_scope_holds_whatever_is_asked(db):
    theirs = {row["id"] for row in listing.page(LIST, {"shop": OTHER}, {}).rows}
    stolen = listing.page(LIST, {"shop": OTHER}, {}).next
    seen = {row["id"] for row in listing.page(LIST, {"shop": SHOP}, {"after": stolen, "shop": "2"}).rows}
    assert seen
    assert all(one % 2 == 0 for one in seen)
    assert all(one % 2 == 1 for one in theirs)


def test_counts_stop_at_a_thousand_unless_asked_exactly(db):
    many = Listing(
        name="many", sql_from="generate_series(1, 1500) AS n", scope_sql="true", id_sql="n", default_sort="n",
        columns=(Column("n", ("数", "N"), "n", kind="count"),),
    )  # fmt: skip
    assert listing.count(many, {}, {}) == Capped(1000, True)
    assert listing.count(many, {}, {}, exact=True) == Capped(1500, False)


def test_tabs_are_counted_under_the_other_filters(db):
    assert listing.tab_counts(LIST, {"shop": SHOP}, {"state": "open", "small": "yes"}) == {
        "": Capped(5, False),
        "open": Capped(1, False),
        "done": Capped(4, False),
    }


def test_a_page_costs_two_statements(db, django_assert_num_queries):
    with django_assert_num_queries(2):
        listing.page(LIST, {"shop": SHOP}, {})


def test_before_the_first_row_stands_the_first_page(db):
    second = listing.page(LIST, {"shop": SHOP}, {"after": listing.page(LIST, {"shop": SHOP}, {}).next})
    fewer = listing.page(LIST, {"shop": SHOP}, {"small": "yes", "before": second.previous})
    assert [row["id"] for row in fewer.rows] == [10, 8, 6, 4, 2]
    assert fewer.previous is None
