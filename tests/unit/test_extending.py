"""What docs/extending.md says is true: its example is run, and the places that it names are there."""

import re
from pathlib import Path

import pytest

from tuike.kit.money import yuan
from tuike.marketing import rules
from tuike.marketing.rules import coupons
from tuike.marketing.types import CouponBelowThreshold, CouponChannel, CouponScope, CouponTerms, Item

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/extending.md").read_text()
CODES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def every(monkeypatch) -> CouponTerms:
    """Run the page's code on a copy of the kinds; return terms of the new one: ¥10 for each whole ¥100."""
    monkeypatch.setattr(coupons, "MINUS", dict(coupons.MINUS))
    exec(compile(CODES[0], "docs/extending.md", "exec"), {})
    return CouponTerms(
        merchant_id=1,
        name="每满减",
        kind="every",  # type: ignore[arg-type]
        threshold_fen=10_000,
        minus_fen=1_000,
        off_bps=0,
        most_fen=None,
        scope=CouponScope.SHOP,
        target_ids=(),
        channel=CouponChannel.EVERYONE,
    )


def test_the_new_kind_takes_off_what_the_page_says(every):
    goods = re.search(r"\| goods in scope \|(.*)\|", PAGE)
    taken = re.search(r"\| taken off \|(.*)\|", PAGE)
    assert goods and taken
    for whole, said in zip(goods[1].split("|"), taken[1].split("|"), strict=True):
        fen = int(whole.strip().removeprefix("¥").replace(".", ""))
        items = [Item(1, 1, (1,), fen)]
        if "refused" in said:
            with pytest.raises(CouponBelowThreshold):
                rules.lowered("V1", every, items)
        else:
            assert yuan(rules.lowered("V1", every, items).minus_fen) == said.strip()


def test_it_is_spread_and_proposed_like_the_others(every):
    items = [Item(1, 1, (1,), 15_000), Item(1, 2, (1,), 5_001), Item(2, 3, (1,), 9_000)]
    (best,) = rules.best_vouchers([("V1", every)], items, [False] * 3)
    assert best.parts == {0: 1_500, 1: 500}


def test_the_places_that_the_page_names_are_there():
    for name, path in re.findall(r"`([^`/ ]+)`(?: in `\w+`)? \(`(src/[^`]+)`\)", PAGE):
        text = (ROOT / path).read_text()
        assert name.split(" ")[0] in text or "=" in name, f"{name} isn't in {path}"
    for path in re.findall(r"`(src/[^`]+)`", PAGE):
        assert (ROOT / path).exists(), path


def test_without_the_page_there_is_no_such_kind():
    assert "every" not in coupons.MINUS
