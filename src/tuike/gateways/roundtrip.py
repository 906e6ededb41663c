"""A real round trip with WeChat and WeChat Pay that changes nothing: are the ids and keys good, and what if not."""

from dataclasses import dataclass

from tuike.gateways.types import BadCredentials, Refused, Unreachable
from tuike.gateways.wechat import WeChat
from tuike.gateways.wechatpay import WeChatPay

NOBODYS_ORDER = "TUIKEROUNDTRIP00000000"
"""A number under which no order is ever opened."""
_NOT_THERE = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round trip told. `reached` is False where nobody answered at all, which says nothing about the keys."""

    name: str
    good: bool
    reached: bool
    zh: str
    en: str


def try_pay(pay: WeChatPay) -> Outcome:
    """Ask WeChat Pay for an order that doesn't exist: its signed no proves merchant, certificate and public key.

    The APIv3 key opens notices only; whether it is right the first notice tells.
    """
    try:
        pay.query(NOBODYS_ORDER)
    except Refused as refusal:
        return _refused(refusal)
    except Unreachable as problem:
        return _unreached(problem)
    return _pay(True, "微信支付应答正常，签名已验证", "WeChat Pay answered, and its signature holds")


def try_wechat(wechat: WeChat) -> Outcome:
    """Fetch an access token: proves the mini-program's AppID and AppSecret."""
    try:
        wechat.access_token()
    except BadCredentials as refusal:
        code = refusal.provider_code
        return _app(False, f"微信不接受 AppID 或 AppSecret（{code}）", f"WeChat takes not AppID or AppSecret ({code})")
    except Refused as refusal:
        code = refusal.provider_code
        return _app(False, f"微信拒绝了请求（{code}），请检查服务器 IP 白名单", f"WeChat refused ({code}): IP list?")
    except Unreachable as problem:
        zh, en = f"连接不上微信（{problem.why}）", f"WeChat can't be reached ({problem.why})"
        return Outcome("wechat", False, False, zh, en)
    return _app(True, "AppID 与 AppSecret 有效", "AppID and AppSecret are good")


def _refused(refusal: Refused) -> Outcome:
    code = refusal.provider_code
    if code in _NOT_THERE:
        return _pay(
            True,
            "商户号、证书与微信支付公钥有效，应答签名已验证；APIv3 密钥在收到第一条通知时验证",
            "merchant, certificate and public key are good, the answer's signature holds; the APIv3 key is proven by"
            " the first notice",
        )
    told = {
        "SIGN_ERROR": (
            "商户私钥与证书序列号不匹配",
            "the private key isn't of this certificate's serial number",
        ),
        "MCH_NOT_EXISTS": ("商户号不存在", "there is no such merchant number"),
        "APPID_MCHID_NOT_MATCH": ("AppID 未与商户号绑定", "the AppID isn't bound to the merchant number"),
        "NO_AUTH": ("商户号未开通该产品", "the merchant number may not use this product"),
    }
    zh, en = told.get(code, ("微信支付拒绝了请求", "WeChat Pay refused"))
    return _pay(False, f"{zh}（{code}）", f"{en} ({code})")


def _unreached(problem: Unreachable) -> Outcome:
    why = problem.why
    if "status 401" in why:
        return _pay(
            False,
            "微信支付不接受签名：商户号、证书序列号或商户私钥不正确",
            "WeChat Pay takes not the signature: merchant number, serial number or private key is wrong",
        )
    if "not verified" in why:
        return _pay(
            False,
            f"应答的签名不能用所填的微信支付公钥验证（{why}）",
            f"the answer can't be verified with this public key ({why})",
        )
    zh, en = f"连接不上微信支付（{why}）", f"WeChat Pay can't be reached ({why})"
    return Outcome("wechatpay", False, False, zh, en)


def _pay(good: bool, zh: str, en: str) -> Outcome:
    return Outcome("wechatpay", good, True, zh, en)


def _app(good: bool, zh: str, en: str) -> Outcome:
    return Outcome("wechat", good, True, zh, en)
