"""Who is in the story: made-up people on the sandbox's phone, and the proofs that they file."""

import hashlib
from dataclasses import dataclass

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Character:
    """A made-up person; `seq` makes openid, phone and identity number, none of which is anybody's."""

    seq: int
    key: str
    name: str
    zh: str
    en: str

    @property
    def openid(self) -> str:
        """Return the WeChat openid, the same in every installation."""
        return "oDEMO" + _mark(self.seq)[:23]

    @property
    def unionid(self) -> str:
        """Return the WeChat unionid."""
        return "uDEMO" + _mark(self.seq)[23:46]

    @property
    def phone(self) -> str:
        """Return a phone number of a range that belongs to nobody."""
        return f"1990002{self.seq:04d}"

    @property
    def id_number(self) -> str:
        """Return a well-formed identity number: a region that was never given out, and the right check character."""
        body = f"999{100 + self.seq:03d}19900101{self.seq:03d}"
        total = sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True))
        return body + "10X98765432"[total % 11]

    @property
    def account_no(self) -> str:
        """Return a bank account number that no bank has given out."""
        return f"6200990000000{self.seq:04d}00"


CAST = tuple(
    Character(seq, key, name, zh, en)
    for seq, (key, name, zh, en) in enumerate(
        (
            ("operator", "许安澜", "平台 · 超级管理员", "operator, super administrator"),
            ("running", "沈佳宁", "平台 · 运营", "operator, operator seat"),
            ("finance", "罗文博", "平台 · 财务（审批提现）", "operator, finance (approves withdrawals)"),
            ("finance2", "蒋若溪", "平台 · 财务", "operator, finance"),
            ("auditor", "宋明远", "平台 · 审计", "operator, auditor"),
            ("shop", "顾清妍", "商家 山茶生活馆 · 超级管理员", "shop Camellia Living, super administrator"),
            ("goods", "姚子涵", "商家 山茶生活馆 · 商品管理员", "shop Camellia Living, product manager"),
            ("cashier", "邵玉珍", "商家 山茶生活馆 · 财务", "shop Camellia Living, finance"),
            ("tea", "梁茂林", "商家 半山茶铺 · 超级管理员", "shop Hillside Tea, super administrator"),
            ("p1", "叶青禾", "推客 · 第一级", "promoter, first in the tree"),
            ("p2", "陆晨希", "推客 · 第二级（上级 叶青禾）", "promoter, recruited by the first"),
            ("p3", "方可心", "推客 · 第三级（上级 陆晨希）", "promoter, recruited by the second"),
            ("p4", "唐以诺", "推客 · 已停用，有欠款", "promoter, suspended, in debt"),
            ("p5", "江雪晴", "推客 · 认证审核中", "promoter, certification under review"),
            ("p6", "贺志远", "推客 · 认证被驳回", "promoter, certification rejected"),
            ("p7", "孟晓南", "推客 · 已被山茶生活馆停止合作", "promoter, blocked by Camellia Living"),
            ("leader", "钟灵", "团长 · 灵选团", "leader Lingxuan"),
            ("b1", "白晓舟", "买家", "buyer"),
            ("b2", "秦望", "买家", "buyer"),
            ("b3", "苏婉宁", "买家", "buyer"),
            ("b4", "石磊", "买家", "buyer"),
            ("b5", "温知夏", "买家", "buyer"),
            ("b6", "杜若飞", "买家", "buyer"),
            ("b7", "韩松年", "买家", "buyer"),
            ("b8", "夏知秋", "买家", "buyer"),
            ("b9", "文若兮", "买家", "buyer"),
            ("b10", "冯一诺", "买家", "buyer"),
            ("craft", "南书宜", "商家 南枝手作 · 超级管理员", "shop Southern Branch, super administrator"),
        ),
        start=1,
    )
)
BY_KEY = {one.key: one for one in CAST}


def credit_code(seq: int) -> str:
    """Return a well-formed unified social credit code (GB 32100-2015) of a region that was never given out."""
    body = f"91999{100 + seq:03d}MADEN{seq:04d}"
    total = sum(LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return body + LETTERS[-total % 31]


def _mark(seq: int) -> str:
    return hashlib.sha256(f"tuike-demo:{seq}".encode()).hexdigest()
