"""What a setting is, and its refusals."""

from dataclasses import dataclass

from tuike.kit.errors import Refusal


@dataclass(frozen=True, slots=True)
class Setting:
    """A whole number (or a switch, 0/1) that the operator may change within bounds."""

    name: str
    default: int
    low: int
    high: int
    zh: str
    en: str


class UnknownSetting(Refusal):
    """No setting has this name."""

    code = "unknown_setting"
    status = 404
    zh = "没有名为 {name} 的设置"
    en = "There is no setting named {name}."


class OutOfBounds(Refusal):
    """The value is not a whole number within the setting's bounds."""

    code = "setting_out_of_bounds"
    status = 422
    zh = "{name} 必须是 {low} 到 {high} 之间的整数"
    en = "{name} must be a whole number from {low} to {high}."
