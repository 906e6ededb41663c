"""How a red packet is split, and what one may be (docs/rules.md §10). Pure."""

from datetime import timedelta

from tuike.kit.errors import Invalid
from tuike.kit.money import yuan
from tuike.marketing.rules import draws
from tuike.marketing.types.red_packets import NewPacket, SplitKind

MOST_SHARES = 100
LONGEST_GREETING = 30
LIFE = timedelta(hours=24)
TO_PAY = timedelta(minutes=30)


def shares(*, total_fen: int, shares: int, split: SplitKind, seed: bytes) -> tuple[int, ...]:
    """Return the shares of a packet in fen, each at least a fen, together exactly the sum.

    `lucky`: each way to split it is as likely as any other (`draws.composition`), so that being early or late is
    neither luck nor harm; `fixed`: all equal.
    """
    if split is SplitKind.LUCKY:
        return draws.composition(total_fen, shares, seed)
    return draws.evenly(total_fen, shares)


def check_packet(packet: NewPacket, *, most_share_fen: int) -> None:
    """Refuse a packet that makes no sense.

    Raises:
        Invalid: a field, by name.
    """
    _need(1 <= packet.shares <= MOST_SHARES, "shares", "份数须为 1 到 100", "1 to 100 shares")
    _need(packet.total_fen >= packet.shares, "total_fen", "每份至少 0.01 元", "at least ¥0.01 a share")
    most = yuan(most_share_fen)
    _need(
        packet.total_fen <= most_share_fen * packet.shares,
        "total_fen",
        f"平均每份不能超过 {most}",
        f"at most {most} a share on average",
    )
    if packet.split is SplitKind.FIXED:
        _need(packet.total_fen % packet.shares == 0, "total_fen", "总额须能平均分", "the sum must divide evenly")
    greeting = packet.greeting
    _need(
        len(greeting) <= LONGEST_GREETING and greeting.isprintable(),
        "greeting",
        "祝福语最多 30 个字符",
        "a greeting has at most 30 characters",
    )


def _need(good: bool, field: str, reason_zh: str, reason_en: str) -> None:
    if not good:
        raise Invalid(field=field, reason_zh=reason_zh, reason_en=reason_en)
