"""What a good of the points mall must be (docs/rules.md §10). Pure."""

from datetime import datetime

from tuike.kit.errors import Invalid
from tuike.marketing.types.points_goods import NewPointsGood

MAX_POINTS = 100_000_000
MAX_GOODS_STOCK = 1_000_000
MAX_GOODS_EACH = 1_000


def check_points_good(good: NewPointsGood, *, price_fen: int, now: datetime) -> None:
    """Refuse terms that make no sense: points and stock in bounds, money below the price, an end that lies ahead.

    Raises:
        Invalid: which field, and why.
    """
    if not 0 < good.points <= MAX_POINTS:
        raise Invalid(field="points", reason_zh="须在 1 到 1 亿之间", reason_en="1 to 100,000,000")
    if not 0 <= good.money_fen < price_fen:
        raise Invalid(field="money_fen", reason_zh="须低于商品售价", reason_en="must be below the price")
    if not 0 < good.stock <= MAX_GOODS_STOCK:
        raise Invalid(field="stock", reason_zh="须在 1 到 100 万之间", reason_en="1 to 1,000,000")
    if not 0 < good.limit_each <= MAX_GOODS_EACH:
        raise Invalid(field="limit_each", reason_zh="须在 1 到 1000 之间", reason_en="1 to 1,000")
    if good.ends_at <= max(now, good.starts_at):
        raise Invalid(field="ends_at", reason_zh="须晚于开始时间和现在", reason_en="must lie ahead, after the start")
