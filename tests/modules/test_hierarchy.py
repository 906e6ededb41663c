"""The tree as the operator, a merchant and a promoter see it: what is theirs, page by page, and nothing else."""

from datetime import timedelta

import pytest

from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tuike.db import rows
from tuike.flows import recruit_promoters
from tuike.insight import hierarchy
from tuike.insight.hierarchy import Viewer
from tuike.kit.errors import NotFound
from tuike.parties.types import PartyRef

pytestmark = pytest.mark.usefixtures("committed_db")
OPERATOR = Viewer()


def agent_of(shop: PartyRef) -> PartyRef:
    """Return a promoter whom a merchant recruited."""
    by = make_parties.super_admin_of(shop)
    link = recruit_promoters.make_link(owner_id=shop.id, note="", actor=by, now=NOON)
    return make_network.opened(link=link.code)


def numbers(page) -> list[str]:
    return [one.node.no for one in page.items]


def test_a_merchant_sees_its_agents_with_all_below_and_nobody_else():
    shop, other = make_parties.merchant(), make_parties.merchant(name="别家")
    agent, foreign = agent_of(shop), agent_of(other)
    below = [make_parties.promoter(name=f"下级{i}", recruiter_id=agent.id) for i in range(3)]
    deep = make_parties.promoter(name="下级深", recruiter_id=below[0].id)
    make_parties.promoter(name="下级外", recruiter_id=foreign.id)
    mine = Viewer(merchant_id=shop.id)
    assert numbers(hierarchy.tree_page(viewer=mine, now=NOON)) == [agent.no]
    first = hierarchy.tree_page(viewer=mine, under_no=agent.no, limit=2, now=NOON)
    rest = hierarchy.tree_page(viewer=mine, under_no=agent.no, limit=2, after_id=first.next_id, now=NOON)
    assert numbers(first) + numbers(rest) == [one.no for one in below]
    assert (rest.next_id, first.items[0].node.recruits) == (0, 1)
    assert [one.no for one in hierarchy.path(viewer=mine, no=deep.no)] == [agent.no, below[0].no, deep.no]
    found = hierarchy.search(viewer=mine, text="下级", now=NOON)
    assert [one.node.name for one in found] == ["下级0", "下级1", "下级2", "下级深"]
    later = hierarchy.search(viewer=mine, text="下级", after=("下级1", below[1].id), now=NOON)
    assert [one.node.name for one in later] == ["下级2", "下级深"]
    assert [one.node.no for one in hierarchy.search(viewer=mine, text=agent.no, now=NOON)] == [agent.no]
    assert hierarchy.search(viewer=mine, text=foreign.no, now=NOON) == []
    for unseen in (foreign.no, shop.no, "P0"):
        with pytest.raises(NotFound):
            hierarchy.tree_page(viewer=mine, under_no=unseen, now=NOON)
        with pytest.raises(NotFound):
            hierarchy.path(viewer=mine, no=unseen)


def test_the_operator_sees_the_tops_and_all_below():
    line = make_parties.promoter_line(5)
    lone = make_parties.promoter(name="独行%_")
    assert numbers(hierarchy.tree_page(viewer=OPERATOR, now=NOON)) == [line[0].no, lone.no]
    assert numbers(hierarchy.tree_page(viewer=OPERATOR, under_no=line[3].no, now=NOON)) == [line[4].no]
    assert [one.no for one in hierarchy.path(viewer=OPERATOR, no=line[4].no)] == [one.no for one in line]
    assert [one.node.no for one in hierarchy.search(viewer=OPERATOR, text="独行%_", now=NOON)] == [lone.no]
    assert hierarchy.search(viewer=OPERATOR, text="独行_", now=NOON) == []  # what is typed is no pattern
    assert hierarchy.search(viewer=OPERATOR, text=" ", now=NOON) == []


def test_a_branch_shows_what_was_sold_in_thirty_days_and_totals_are_sums():
    line = make_parties.promoter_line(3)
    today = (NOON + timedelta(hours=8)).date()
    for promoter, back, orders, fen in (
        (line[1], 0, 2, 500),
        (line[1], 29, 1, 70),
        (line[1], 30, 9, 9),
        (line[2], 5, 4, 1),
    ):
        rows.run(
            "INSERT INTO figures_sum (kind, owner_id, day, clicks, orders, all_orders, paid_fen, refunded_fen,"
            " all_paid_fen, estimated_fen, settled_fen) VALUES ('promoter', %s, %s, 0, %s, 0, %s, 0, 0, 0, 0)",
            [promoter.id, today - timedelta(days=back), orders, fen],
        )
    [one] = hierarchy.tree_page(viewer=Viewer(promoter_id=line[0].id), now=NOON).items
    assert (one.lately.orders, one.lately.paid_fen) == (3, 570)
    sums = hierarchy.team_totals(promoter_id=line[0].id, now=NOON)
    assert (sums.counts, sums.orders, sums.paid_fen) == ((1, 1, 0), 7, 571)
