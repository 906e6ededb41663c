"""Why a payout didn't arrive, in words that say what to do, for the codes that the payment provider answers.

The codes are those of WeChat Pay's merchant transfers (API page "订单失败原因说明" of "商家转账", and the errors of
"发起转账"); what a person wrote (the operator's no, a bank's note) is left as it is.
"""

import re

from tuike.insight.explain.types import Words
from tuike.settlement.types import WithdrawalState

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[A-Z][A-Z0-9]{3,}|[a-z]{4,}")

_NAME = Words(
    "收款微信的实名信息与认证主体不一致；请换用本人实名的微信，或更正认证信息后重新申请",
    "The WeChat account's real name isn't the certified one; use that person's account, or correct the certification,"
    " and ask again",
)
_REAL_NAME = Words(
    "收款微信尚未实名；请在微信支付中完成实名认证后重新申请",
    "The WeChat account has no verified name; verify it in WeChat Pay and ask again",
)
_ACCOUNT = Words(
    "收款微信账户异常，无法收款；请在微信支付中查看提示，处理后重新申请",
    "The WeChat account can't receive money; look in WeChat Pay what is asked of you, then ask again",
)
_LIMIT = Words(
    "收款微信已达到收款限额；请减少金额，或过些天再申请",
    "The WeChat account has reached its limit; ask for less, or some days later",
)
_CARD = Words(
    "收款银行卡无法入账；请核对或更换收款账户后重新申请",
    "The bank card can't receive it; check or change the payout account and ask again",
)
_OURS = Words(
    "平台付款账户或设置有问题，与您无关；请稍后重新申请，或联系平台",
    "The platform's own account or settings stood in the way; ask again later, or tell the platform",
)
_OTHER = Words(
    "付款未成功；请稍后重新申请，仍未成功请联系平台",
    "It could not be paid; ask again later, and tell the platform if it fails again",
)
UNDERWAY = Words("付款暂未成功，平台正在处理，无需操作", "Not paid yet: the platform is on it, there is nothing to do")

_SAID = {
    "OVERDUE_CLOSE": Words(
        "未在 24 小时内确认收款，已自动关闭；请重新申请，并及时在微信中确认",
        "It was not confirmed within 24 hours and closed; ask again and confirm it in WeChat in time",
    ),
    "OPENID_INVALID": Words(
        "收款微信已失效；请用收款的微信重新登录小程序后再申请",
        "The WeChat account is not known any more; sign in to the mini-program with it and ask again",
    ),
    "TRANSFER_RISK": Words(
        "微信判断本次收款有风险，已拦截；请在微信支付中查看提示，或过些天再申请",
        "WeChat saw a risk and stopped it; look in WeChat Pay, or ask again some days later",
    ),
    **dict.fromkeys(("NAME_NOT_CORRECT", "ID_CARD_NOT_CORRECT"), _NAME),
    "REAL_NAME_CHECK_FAIL": _REAL_NAME,
    **dict.fromkeys(("ACCOUNT_FROZEN", "ACCOUNT_NOT_EXIST", "PAYEE_ACCOUNT_ABNORMAL"), _ACCOUNT),
    **dict.fromkeys(
        (
            "BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH",
            "BLOCK_B2C_USERLIMITAMOUNT_MONTH",
            "DAY_RECEIVED_COUNT_EXCEED",
            "DAY_RECEIVED_QUOTA_EXCEED",
            "REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED",
            "TRANSFER_QUOTA_EXCEED",
        ),
        _LIMIT,
    ),
    **dict.fromkeys(
        (
            "BANK_CARD_ACCOUNT_ABNORMAL",
            "BANK_CARD_BANK_INFO_WRONG",
            "BANK_CARD_CARD_INFO_WRONG",
            "BANK_CARD_COLLECTIONS_ABOVE_QUOTA",
            "BANK_CARD_PARAM_ERROR",
            "BANK_CARD_STATUS_ABNORMAL",
        ),
        _CARD,
    ),
    **dict.fromkeys(
        (
            "ACCOUNT_ERROR",
            "MCH_CANCEL",
            "MERCHANT_NOT_CONFIRM",
            "MERCHANT_REJECT",
            "NOT_ENOUGH",
            "NO_AUTH",
            "PAYER_ACCOUNT_ABNORMAL",
            "PRODUCT_AUTH_CHECK_FAIL",
            "QUOTA_EXCEED",
            "RECEIVE_ACCOUNT_NOT_CONFIGURE",
            "SIGN_ERROR",
        ),
        _OURS,
    ),
}


def code_of(*, state: str, reason: str) -> str:
    """Return the provider's code that a withdrawal's reason is, "" for words of a person or none."""
    return reason if state != WithdrawalState.REJECTED and _CODE.fullmatch(reason) else ""


def why(*, state: str, reason: str) -> Words | None:
    """Return why a withdrawal isn't paid and what to do about it; None where there is nothing to say.

    A code is said in words, the same for all codes while it is underway; what a person wrote stays as it is.
    """
    if not reason or state == WithdrawalState.PAID:
        return None
    code = code_of(state=state, reason=reason)
    if not code:
        return Words(reason, reason)
    if state != WithdrawalState.RETURNED:
        return UNDERWAY
    return _SAID.get(code, _OTHER)


def in_full(*, state: str, reason: str) -> Words | None:
    """Return what `why` says, with the code behind words that stand for any code: where nothing else shows the code."""
    said = why(state=state, reason=reason)
    if said is not _OTHER:
        return said
    return Words(f"{said.zh}（返回码 {reason}）", f"{said.en} (code {reason})")
