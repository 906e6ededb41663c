"""The other side of the sandbox: WeChat Pay's callers through an independent SDK, the open API through plain HTTP."""

import json
from collections.abc import Callable

import requests
from wechatpayv3 import WeChatPay, WeChatPayType

from tests.sandbox_process import Notice, Sandbox


class Merchant:
    """The SDK pointed at a sandbox, with the platform key `key` (0 or 1); answers come as (status, JSON)."""

    def __init__(self, sandbox: Sandbox, notify_url: str, *, key: int = 0, **other: str) -> None:
        env, (key_id, pem) = sandbox.env, list(sandbox.public_keys.items())[key]
        facts = {
            "mchid": env["WECHATPAY_MCHID"],
            "private_key": sandbox.private_key,
            "cert_serial_no": env["WECHATPAY_CERT_SERIAL"],
            "apiv3_key": env["WECHATPAY_APIV3_KEY"],
            "appid": env["WECHAT_APPID"],
            **other,
        }
        self.sdk = WeChatPay(
            wechatpay_type=WeChatPayType.JSAPI,
            notify_url=notify_url,
            public_key=pem,
            public_key_id=key_id,
            timeout=30,
            **facts,
        )
        self.sdk._core._gate_way = sandbox.base
        self.sandbox, self.notify_url = sandbox, notify_url

    def __getattr__(self, name: str) -> Callable[..., tuple[int, dict]]:
        verb = getattr(self.sdk, name)

        def call(*args: object, **kwargs: object) -> tuple[int, dict]:
            status, text = verb(*args, **kwargs)
            return status, json.loads(text) if text else {}

        return call

    def order(self, number: str = "ORDER0001", total: int = 9980, **more: object) -> tuple[int, dict]:
        return self.pay("明前龙井", number, {"total": total}, payer={"openid": self.sandbox.openid()}, **more)

    def paid(self, number: str = "ORDER0001", total: int = 9980) -> dict:
        assert self.order(number, total)[0] == 200
        return self.sandbox.control("pay", out_trade_no=number)["transaction"]

    def open(self, notice: Notice) -> dict | None:
        """The notice verified and decrypted by the SDK; None when it doesn't hold."""
        return self.sdk.callback(notice.headers, notice.body)


class OpenApi:
    """The open API as a mini-program's server calls it; answers are JSON objects."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.env = sandbox, sandbox.env
        self.app = {"appid": self.env["WECHAT_APPID"], "secret": self.env["WECHAT_APPSECRET"]}

    def get(self, path: str, **query: str) -> dict:
        return requests.get(self.sandbox.base + path, params=query, timeout=30).json()

    def post(self, path: str, body: object, **query: str) -> requests.Response:
        return requests.post(self.sandbox.base + path, data=json.dumps(body), params=query, timeout=30)

    def token(self) -> str:
        return self.get("/cgi-bin/token", grant_type="client_credential", **self.app)["access_token"]

    def session(self, code: str) -> dict:
        return self.get("/sns/jscode2session", grant_type="authorization_code", js_code=code, **self.app)
