"""Computations as they are written out: in whole numbers, the fraction of a fen too."""

from dataclasses import dataclass

from tuike.insight.explain.types import Words
from tuike.kit.money import BPS, percent


@dataclass(frozen=True, slots=True)
class Rates:
    """What decides the shares of a sale: rates in ten-thousandths, the bonus per piece, for the order and for a buyer's
    first order in fen."""

    by_role: dict[str, tuple[int, ...]]
    """The rates that are added up, by role."""
    payer: Words
    bonus_fen: int = 0
    order_fen: int = 0
    first_order_fen: int = 0
    fee_bps: int = 0


def fraction(numerator: int) -> str:
    """Return `numerator` ten-thousandths of a fen: 5988000 → `598.80`, with two decimals or as many as it takes."""
    whole, rest = divmod(numerator, BPS)
    decimals = f"{rest:04d}".rstrip("0").ljust(2, "0")
    return f"{whole}.{decimals}" if rest else str(whole)


def part_of(amount_fen: int, bps: tuple[int, ...], keeper: Words) -> Words:
    """Return `4990 × 12% = 598.80 → 598`, and who keeps what is less than a fen."""
    rate = " + ".join(percent(one) for one in bps)
    said = f"{amount_fen} × {f'({rate})' if len(bps) > 1 else rate} = {fraction(amount_fen * sum(bps))}"
    whole, rest = divmod(amount_fen * sum(bps), BPS)
    if not rest:
        return Words(f"{said} 分", f"{said} fen")
    return Words(
        f"{said} → {whole} 分，不足一分的 {fraction(rest)} 分归{keeper.zh}",
        f"{said} → {whole} fen; {keeper.en} keeps the {fraction(rest)} fen",
    )


def share(role: str, rates: Rates, *, base_fen: int, pieces: int, got_fen: int, kept_fen: int | None = None) -> Words:
    """Return how a share came about at a base and a number of pieces, and what the ceiling or the platform took.

    `kept_fen` is what the ceiling left, where that is known; of earlier computations it is found from what was got.
    """
    if role == "bonus":
        said, whole = _bonuses(rates, pieces)
    else:
        bps = rates.by_role[role]
        said, whole = part_of(base_fen, bps, rates.payer), base_fen * sum(bps) // BPS
    fee = rates.fee_bps if role == "direct" else 0
    kept = _before_fee(got_fen, whole, fee) if kept_fen is None else kept_fen
    if kept < whole:
        said = Words(
            f"{said.zh}；各项合计不得超过剩余实付，封顶扣减 {whole - kept}，得 {kept}",
            f"{said.en}; all shares together can't exceed what is left of the payment: cut by {whole - kept} to {kept}",
        )
    if fee:
        taken = part_of(kept, (fee,), Words("推客", "the promoter"))
        said = Words(
            f"{said.zh}；平台分成 {taken.zh}；{kept} − {kept - got_fen} = {got_fen} 分",
            f"{said.en}; the platform's share {taken.en}; {kept} − {kept - got_fen} = {got_fen} fen",
        )
    return said


def platform(kept_fen: int, fee_bps: int) -> Words:
    """Return how the platform's share came about, out of direct commission."""
    return part_of(kept_fen, (fee_bps,), Words("推客", "the promoter"))


def _bonuses(rates: Rates, pieces: int) -> tuple[Words, int]:
    """Return what a campaign gives in fixed amounts, each by its name, and the sum."""
    parts = [(_times(rates.bonus_fen, pieces), rates.bonus_fen * pieces)] if rates.bonus_fen else []
    for fen, zh, en in (
        (rates.order_fen, "整单奖金", "for the order"),
        (rates.first_order_fen, "首单奖金", "for the buyer's first order"),
    ):
        if fen:
            parts.append((Words(f"{zh} {fen} 分", f"{fen} fen {en}"), fen))
    whole = sum(fen for _, fen in parts)
    said = Words(" + ".join(one.zh for one, _ in parts), " + ".join(one.en for one, _ in parts))
    return (said if len(parts) < 2 else Words(f"{said.zh} = {whole} 分", f"{said.en} = {whole} fen")), whole


def _times(bonus_fen: int, pieces: int) -> Words:
    whole = bonus_fen * pieces
    return Words(f"每件 {bonus_fen} × {pieces} 件 = {whole} 分", f"{bonus_fen} a piece × {pieces} = {whole} fen")


def _before_fee(got_fen: int, whole_fen: int, fee_bps: int) -> int:
    """Return what direct was before the platform's share, at most `whole_fen`: the number that leaves `got_fen`."""
    if not fee_bps:
        return got_fen
    kept = min(whole_fen, got_fen * BPS // (BPS - fee_bps) + 1)
    while kept > got_fen and kept - kept * fee_bps // BPS > got_fen:
        kept -= 1
    return kept
