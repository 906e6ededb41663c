"""The merchant's own money at WeChat Pay: without limit unless a control sets an amount."""

from tuike_sandbox.errors import PayError
from tuike_sandbox.world import World


def take(world: World, amount_fen: int) -> None:
    """Take `amount_fen` from the merchant's balance.

    Raises:
        PayError: 403 NOT_ENOUGH.
    """
    left = world.store.setting("balance_fen")
    if left is None:
        return
    if int(str(left)) < amount_fen:
        raise PayError(403, "NOT_ENOUGH", "账户余额不足，请充值后原单重试")
    world.store.set("balance_fen", int(str(left)) - amount_fen)


def give_back(world: World, amount_fen: int) -> None:
    """Return what `take` took, or add what a payer paid."""
    left = world.store.setting("balance_fen")
    if left is not None:
        world.store.set("balance_fen", int(str(left)) + amount_fen)
