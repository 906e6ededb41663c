"""The three ways the sandbox says no, each with the shape of the side it answers for."""


class PayError(Exception):
    """WeChat Pay: an HTTP status with ``{"code", "message"}``."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.message = status, code, message


class WxError(Exception):
    """Open API: HTTP 200 with ``{"errcode", "errmsg"}``."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode, self.errmsg = errcode, errmsg


class ControlError(Exception):
    """The sandbox's own controls: HTTP 400 (or `status`) with ``{"error"}``."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status, self.message = status, message
