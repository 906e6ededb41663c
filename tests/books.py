"""The ledger check that every test of money ends with."""

from tuike.insight import verify


def check(*names: str) -> None:
    """Fail with the offenders when something that `tuike verify` looks at doesn't hold."""
    broken = [f"{r.name}: {f.object} {f.what}" for r in verify.run(names=names) for f in r.findings]
    assert not broken, broken
