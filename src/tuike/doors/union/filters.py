"""What a list of products is narrowed by and ordered by, as WeChat names it, turned into what the library knows."""

from typing import Any

from tuike.doors.union.calls import Asked
from tuike.doors.union.kinds import FEN, ID, RATIO, Ask, Flag, Many, Object, Text, Whole, wrong
from tuike.library.types import Range, Sort, Wanted
from tuike.parties import queries as parties
from tuike.parties.types import Source

MOST_FROM = 1_000_000
"""What is read as a number; how far one may look is the library's to say."""
SORTS = {
    0: (Sort.NEWEST, True),
    1: (Sort.PRICE, False),
    2: (Sort.PRICE, True),
    3: (Sort.RATE, False),
    4: (Sort.RATE, True),
    5: (Sort.COMMISSION, False),
    6: (Sort.COMMISSION, True),
    7: (Sort.SALES, True),
}
_METHODS = Object((Ask("express", Flag(), False), Ask("sameCity", Flag(), False), Ask("pickup", Flag(), False)))
_PLACE = Object(tuple(Ask(name, Text(40), "") for name in ("provinceName", "cityName", "countyName")))
_ADDRESS = Object((Ask("addressInfo", _PLACE, None), Ask("addressType", _METHODS, None)))


def paged(most: int) -> tuple[Ask, ...]:
    """Return the fields of a page by position."""
    return (
        Ask("from", Whole(0, MOST_FROM), 0, "≤ 5000"),
        Ask("limit", Whole(1, most), 10, f"≤ {most}"),
    )


CURATED = (
    Ask("maxPrice", FEN, None),
    Ask("minPrice", FEN, None),
    Ask("minCommissionValue", FEN, None),
    Ask("minCommissionRatio", RATIO, None),
    Ask("sortType", Whole(0, 7), 0, "7: sales, the highest first"),
    Ask("hasCoupon", Flag(), False),
    Ask("categoryId", ID, None),
    Ask("category", Many(ID, 50), ()),
    Ask("noCategory", Many(ID, 50), ()),
    Ask("shopAppIds", Many(Text(64), 50), None),
    Ask("productId", Many(ID, 50), None),
    Ask("shippingMethods", _METHODS, None),
    Ask("addressList", Many(_ADDRESS, 20), ()),
)
SEARCHED = (Ask("query", Text(100), ""), Ask("queryType", Whole(0, 2), 0), *CURATED)


def wanted(asked: Asked, source: Source, *, curated: bool = False) -> Wanted:
    """Return what is looked for.

    Shops of the mall send by express only and everywhere: asking for another way finds nothing, and addresses narrow
    nothing.
    """
    given = asked.given
    sort, descending = SORTS[given["sortType"]]
    if curated and not given["sortType"]:
        sort, descending = Sort.PICKED, False
    category = given["categoryId"]
    methods = given["shippingMethods"]
    unsent = bool(methods and any(methods.values()) and not methods["express"])
    return Wanted(
        category_ids=(category,) if category else given["category"],
        without_category_ids=given["noCategory"],
        price_fen=Range(given["minPrice"], given["maxPrice"]),
        commission_fen=Range(given["minCommissionValue"]),
        rate_bps=Range(given["minCommissionRatio"]),
        coupon=given["hasCoupon"],
        merchant_ids=_shops(given),
        source=source.value,
        curated=curated,
        sort=sort,
        descending=descending,
        **_found_by(given, nothing=unsent),
    )


def _shops(given: Any) -> tuple[int, ...] | None:
    """Return the shops that are asked for by AppID or by name; None: all."""
    asked = []
    if given["shopAppIds"] is not None:
        asked.append(set(parties.by_appid(given["shopAppIds"]).values()))
    if given.get("query") and given["queryType"] == 1:
        asked.append(set(parties.merchants_named(given["query"])))
    return tuple(sorted(set.intersection(*asked))) if asked else None


def _found_by(given: Any, *, nothing: bool) -> dict[str, Any]:
    """Return keyword and products that are asked for; `nothing`: none can be found."""
    query, ids = given.get("query", ""), given["productId"]
    if query and given["queryType"] == 2:
        if not (query.isascii() and query.isdigit() and len(query) <= 19):
            raise wrong("query", "queryType 为 2 时应为商品 ID", "is a product's id where queryType is 2")
        ids = tuple(set(ids or (int(query),)) & {int(query)})
    keyword = query if query and given["queryType"] == 0 else ""
    return {"keyword": keyword, "product_ids": () if nothing else ids}
