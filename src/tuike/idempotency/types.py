"""The refusals of a used key."""

from tuike.kit.errors import Refusal


class KeyUsedForOther(Refusal):
    """The key was used before by this caller for other content."""

    code = "idempotency_key_reused"
    status = 422
    zh = "该幂等键已用于不同的请求内容，请换一个新的键"
    en = "This idempotency key was used for a different request; use a new key."


class KeyMalformed(Refusal):
    """The key is missing, empty, too long, or not printable."""

    code = "idempotency_key_malformed"
    status = 422
    zh = "请提供 1–80 个可见字符的幂等键（Idempotency-Key）"
    en = "Send an Idempotency-Key of 1 to 80 visible characters."
