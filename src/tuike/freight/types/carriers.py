"""Carriers: their codes, names, and what their parcels' numbers look like."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier. `pattern` is what its numbers look like, as a hint against slips: carriers start new series when they
    like, so a shop may ship under a number that looks otherwise. `also` are other names that people type.
    """

    code: str
    zh: str
    en: str
    pattern: str
    also: tuple[str, ...] = ()


CARRIERS = (
    Carrier("SF", "顺丰速运", "SF Express", r"SF[0-9]{10,15}|[0-9]{12,15}", ("顺丰", "顺丰快递")),
    Carrier("ZTO", "中通快递", "ZTO Express", r"[0-9]{12,15}", ("中通",)),
    Carrier("YTO", "圆通速递", "YTO Express", r"YT[0-9]{13,16}|[A-Z]?[0-9]{10,18}", ("圆通", "圆通快递")),
    Carrier("STO", "申通快递", "STO Express", r"[0-9]{12,15}", ("申通",)),
    Carrier("YUNDA", "韵达快递", "Yunda Express", r"[0-9]{13,15}", ("韵达",)),
    Carrier("JT", "极兔速递", "J&T Express", r"JT[0-9]{13,15}", ("极兔", "极兔快递")),
    Carrier("JD", "京东物流", "JD Logistics", r"JD[A-Z0-9]{10,18}(-[0-9A-Z]+)*|[0-9]{10,18}", ("京东", "京东快递")),
    Carrier("EMS", "中国邮政 EMS", "EMS", r"[A-Z]{2}[0-9]{9}[A-Z]{2}|1[0-9]{12}", ("邮政EMS", "特快专递")),
    Carrier("POST", "邮政快递包裹", "China Post", r"[A-Z]{2}[0-9]{9}[A-Z]{2}|9[0-9]{12}", ("邮政", "中国邮政")),
    Carrier("DEPPON", "德邦快递", "Deppon Express", r"DP[A-Z]?[0-9]{9,14}|[0-9]{8,14}", ("德邦", "德邦物流")),
    Carrier("CAINIAO", "菜鸟速递", "Cainiao Express", r"[A-Z0-9]{12,20}", ("菜鸟", "丹鸟")),
    Carrier("UC", "优速快递", "UC Express", r"[0-9]{12,15}", ("优速",)),
    Carrier("KYE", "跨越速运", "KYE", r"KY[0-9]{11,13}", ("跨越",)),
    Carrier("ANE", "安能物流", "ANE Logistics", r"[0-9]{12,14}", ("安能",)),
    Carrier("HOUSE", "商家自送", "Own delivery", r".{1,60}", ("自送", "同城配送")),
)
"""In the order in which they are offered; codes are stable and stand in orders, files and APIs."""
