"""Review rules in words: what a condition asks, and what was known of an accrual when a rule held it."""

from collections.abc import Callable, Mapping
from typing import Any

from tuike.db import rows
from tuike.insight.explain.types import Words
from tuike.insight.explain.words import ROLES
from tuike.kit.money import percent, yuan
from tuike.review.types import Condition, Conditions, Effect, Feature, Subject

FEATURES = {
    Feature.COMMISSION: Words("佣金", "Commission"),
    Feature.PAID: Words("商品实付", "Paid for the line"),
    Feature.ROLE: Words("佣金类型", "Kind of commission"),
    Feature.SOURCE: Words("订单来源", "Source"),
    Feature.CATEGORY: Words("商品类目", "Category"),
    Feature.AGE: Words("推客认证天数", "Days since certification"),
    Feature.GRADE: Words("推客等级", "Promoter's grade"),
    Feature.REFUND_RATE: Words("推客近 90 天退款率", "Promoter's refund rate, 90 days"),
    Feature.LINES_HOUR: Words("推客 1 小时内成交笔数", "Promoter's lines within an hour"),
    Feature.LINES_DAY: Words("推客 24 小时内成交笔数", "Promoter's lines within a day"),
    Feature.SCORE: Words("订单风险分（千分）", "Risk score of the order"),
    Feature.AMOUNT: Words("提现金额", "Amount"),
    Feature.KIND: Words("提现主体", "Who withdraws"),
    Feature.PARTY_DAYS: Words("主体认证天数", "Days since certification"),
    Feature.ACCOUNT_DAYS: Words("收款账户绑定天数", "Days since the account was bound"),
    Feature.PAID_BEFORE: Words("此前已付提现次数", "Withdrawals paid before"),
    Feature.OWED: Words("近 90 天欠款", "Debts of 90 days"),
    Feature.HELD: Words("审核中的佣金", "Commission under review"),
    Feature.PARTY_SCORE: Words("近 45 天订单最高风险分（千分）", "Highest risk score of its orders, 45 days"),
}
EFFECTS = {
    Effect.CLEAR: Words("放行", "Clear"),
    Effect.HOLD: Words("冻结待审", "Hold"),
    Effect.REJECT: Words("冻结，到期未放行则驳回", "Hold, reject unless released"),
}
SOURCES = {"mini_store": Words("商城", "Mall"), "mini_program": Words("外部小程序", "External shops")}
SUBJECTS = {Subject.COMMISSION: Words("佣金", "Commission"), Subject.WITHDRAWAL: Words("提现", "Withdrawals")}
KINDS = {
    "promoter": Words("推客", "Promoters"),
    "leader": Words("团长", "Leaders"),
    "merchant": Words("商家", "Shops"),
}
LEFT_TO_PEOPLE = Words("转人工审批", "Left to people")
NO_GRADE = Words("不在任何等级", "on no grade")
_SHOWN: dict[Feature, Callable[[int], str]] = {
    Feature.COMMISSION: yuan,
    Feature.PAID: yuan,
    Feature.REFUND_RATE: percent,
    Feature.AMOUNT: yuan,
    Feature.OWED: yuan,
    Feature.HELD: yuan,
}

Names = Mapping[tuple[Feature, str], Words]
"""What the values of lists are called."""


def names() -> dict[tuple[Feature, str], Words]:
    """Return what roles, sources, grades and categories are called."""
    named = {(Feature.ROLE, role): said for role, said in ROLES.items() if role != "platform"}
    named |= {(Feature.SOURCE, source): said for source, said in SOURCES.items()}
    named |= {(Feature.KIND, kind): said for kind, said in KINDS.items()}
    named[Feature.GRADE, "0"] = NO_GRADE
    for id_, name in rows.query("SELECT id, name FROM plans_grade ORDER BY rank"):
        named[Feature.GRADE, str(id_)] = Words(name, name)
    for id_, zh, en in rows.query("SELECT id, name, name_en FROM catalog_category ORDER BY level, position, id"):
        named[Feature.CATEGORY, str(id_)] = Words(zh, en or zh)
    return named


def asked(conditions: Conditions, called: Names) -> list[Words]:
    """Return each condition as a sentence, in the features' order."""
    return [_asked(feature, conditions[feature], called) for feature in Feature if feature in conditions]


def known(facts: Mapping[str, Any], called: Names) -> list[Words]:
    """Return what was known of an accrual, as a kept hit says it."""
    found = []
    for feature in Feature:
        if feature.value not in facts:
            continue
        value = facts[feature.value]
        if isinstance(value, int):
            said = Words(*[_size(feature, value)] * 2)
        else:
            said = _listed(feature, value if isinstance(value, list) else [value], called)
        found.append(_pair(FEATURES[feature], said, " "))
    return found


def _asked(feature: Feature, one: Condition, called: Names) -> Words:
    if one.among:
        return _pair(FEATURES[feature], _listed(feature, sorted(one.among), called), "：", ": ")
    if one.least is not None and one.most is not None:
        said = f"{_size(feature, one.least)} – {_size(feature, one.most)}"
    elif one.least is not None:
        said = f"≥ {_size(feature, one.least)}"
    else:
        said = f"≤ {_size(feature, one.most or 0)}"
    return _pair(FEATURES[feature], Words(said, said), " ")


def _size(feature: Feature, value: int) -> str:
    return _SHOWN.get(feature, "{:,}".format)(value)


def _listed(feature: Feature, values: list[str], called: Names) -> Words:
    words = [called.get((feature, one), Words(one, one)) for one in values]
    return Words("、".join(one.zh for one in words), ", ".join(one.en for one in words))


def _pair(label: Words, said: Words, between: str, between_en: str | None = None) -> Words:
    return Words(f"{label.zh}{between}{said.zh}", f"{label.en}{between if between_en is None else between_en}{said.en}")
