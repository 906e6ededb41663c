"""The table of confusion: `python -m bench.fraud --seed 7 --seeds 10`, so many worlds from that seed on.

`--through`: the first of them once more through the product's own tables and flows, on a database of its own.
"""

import argparse
import random
from collections import Counter
from dataclasses import dataclass, field

from bench.fraud import abuse, honest
from bench.fraud.play import Played, play
from bench.fraud.through import compared
from bench.fraud.world import World


@dataclass
class Tally:
    """What was held of what there was, added up over worlds: by kind orders and fen, all and held; rates lowered."""

    orders: Counter[tuple[str, bool]] = field(default_factory=Counter)
    held: Counter[tuple[str, bool]] = field(default_factory=Counter)
    fen: Counter[tuple[str, bool]] = field(default_factory=Counter)
    held_fen: Counter[tuple[str, bool]] = field(default_factory=Counter)
    why: Counter[tuple[str, bool, str]] = field(default_factory=Counter)
    cuts: Counter[tuple[bool, bool]] = field(default_factory=Counter)

    def add(self, world: World, played: Played) -> None:
        """Count a world in. Here, and nowhere before, the labels are looked at."""
        for one in world.sold:
            key = (one.kind, one.abuse)
            self.orders[key] += 1
            self.fen[key] += one.trace.paid_fen
            score = played.held.get(one.trace.order_no)
            if score:
                self.held[key] += 1
                self.held_fen[key] += one.trace.paid_fen
                self.why[*key, score.findings[0].signal.value] += 1
        for (*_, evades), found in zip(world.cuts, played.cuts, strict=True):
            self.cuts[evades, found] += 1

    def part(self, counted: Counter[tuple[str, bool]], *, abuse_: bool) -> int:
        """Return what was counted of abuse, or of honest orders."""
        return sum(many for (_, is_abuse), many in counted.items() if is_abuse is abuse_)


def made(seed: int) -> World:
    """Return the world of a seed."""
    world = World(random.Random(seed))
    promoters = honest.populate(world)
    honest.look_alikes(world, promoters)
    abuse.all_kinds(world)
    return world


def main() -> None:
    """Play the worlds and print what was told apart."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seed", type=int, default=7)
    words.add_argument("--seeds", type=int, default=1)
    words.add_argument("--through", action="store_true")
    told = words.parse_args()
    whole = Tally()
    for seed in range(told.seed, told.seed + told.seeds):
        world, one = made(seed), Tally()
        played = play(world)
        one.add(world, played)
        whole.add(world, played)
        print(f"seed {seed}: {_line(one)}", flush=True)
    print(f"\nseeds {told.seed} to {told.seed + told.seeds - 1}: {_line(whole)}")
    print("goal: recall ≥ 95 %, precision ≥ 90 %, honest money held ≤ 0.5 %\n")
    _confusion(whole)
    _kinds(whole, abuse_=True)
    _kinds(whole, abuse_=False)
    print("lowered rates: " + _cuts(whole))
    if told.through:
        world = made(told.seed)
        print(compared(world, play(world).held))


def _line(tally: Tally) -> str:
    abused, honest_ = tally.part(tally.orders, abuse_=True), tally.part(tally.orders, abuse_=False)
    true, false = tally.part(tally.held, abuse_=True), tally.part(tally.held, abuse_=False)
    fen, held_fen = tally.part(tally.fen, abuse_=False), tally.part(tally.held_fen, abuse_=False)
    return (
        f"recall {_pct(true, abused)}, precision {_pct(true, true + false)}, honest money held {_pct(held_fen, fen)}"
        f" ({abused} orders abused, {honest_} honest)"
    )


def _confusion(tally: Tally) -> None:
    print(f"{'':24} {'held':>8} {'let go':>8}")
    for name, abuse_ in (("abuse", True), ("honest", False)):
        held, all_ = tally.part(tally.held, abuse_=abuse_), tally.part(tally.orders, abuse_=abuse_)
        print(f"{name:24} {held:8} {all_ - held:8}")


def _kinds(tally: Tally, *, abuse_: bool) -> None:
    print(
        f"\n{'abuse' if abuse_ else 'honest':24} {'orders':>8} {'held':>8} {'share':>8} {'money held':>11}  mostly for"
    )
    for kind, is_abuse in sorted(tally.orders):
        if is_abuse is abuse_:
            key = (kind, is_abuse)
            why = Counter({name: n for (*of, name), n in tally.why.items() if tuple(of) == key}).most_common(3)
            print(
                f"{kind:24} {tally.orders[key]:8} {tally.held[key]:8} {_pct(tally.held[key], tally.orders[key]):>8}"
                f" {_pct(tally.held_fen[key], tally.fen[key]):>11}  {', '.join(name for name, _ in why)}"
            )
    print()


def _cuts(tally: Tally) -> str:
    evading, usual = (sum(tally.cuts[of, found] for found in (True, False)) for of in (True, False))
    return (
        f"{tally.cuts[True, True]} of {evading} before a surge found, {tally.cuts[False, True]} of {usual} others told"
    )


def _pct(part: int, whole: int) -> str:
    """Return a share as people read it, in hundredths of a percent rounded down."""
    share = part * 10_000 // whole if whole else 0
    return f"{share // 100}.{share % 100:02} %"


if __name__ == "__main__":
    main()
