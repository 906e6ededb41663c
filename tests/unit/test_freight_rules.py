"""Freight as arithmetic: which row holds, what it charges, carriers' numbers. Brute force beside the formula."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import freight as make_freight
from tuike.freight import queries, rules
from tuike.freight.types import (
    CARRIERS,
    Basis,
    FreightWhy,
    NewTemplate,
    OddTrackingNo,
    Row,
    UnknownCarrier,
    UnknownRegion,
)
from tuike.kit.errors import Invalid

BEIJING, HEBEI, SHIJIAZHUANG, QIAOXI = "110101", "130000", "130100", "130104"
KNOWN = queries.deliverable_codes()

fees = st.integers(0, 5000)
units = st.integers(1, 3000)
paid_rows = st.builds(Row, first_units=units, first_fen=fees, next_units=units, next_fen=fees)
goods = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 5000), st.integers(0, 10**7)), min_size=1, max_size=6)


def by_hand(row: Row, count: int) -> int:
    """Return the charge as a shopkeeper counts it: the first ones, then one parcel's worth after another."""
    fen, covered = row.first_fen, row.first_units
    while covered < count:
        fen, covered = fen + row.next_fen, covered + row.next_units
    return fen


@given(paid_rows, st.integers(0, 20_000), st.sampled_from([Basis.PIECE, Basis.WEIGHT]))
def test_the_formula_is_what_a_shopkeeper_counts(row, count, basis):
    fen, why = rules.charge(basis, row, units=count, pieces=1, amount_fen=0)
    assert (fen, why) == (by_hand(row, count), FreightWhy.CHARGED)


@given(paid_rows, st.sampled_from(list(Basis)), goods, st.integers(0, 5), st.integers(1, 50))
def test_more_of_anything_never_costs_less_and_nothing_is_negative(row, basis, sent, which, more):
    terms = NewTemplate(name="x", basis=basis, rows=(row,))
    grown = list(sent)
    quantity, weight_g, fen = grown[which % len(sent)]
    grown[which % len(sent)] = (quantity + more, weight_g, fen)
    before, after = (rules.part(terms, BEIJING, one).fen for one in (sent, grown))
    assert 0 <= before <= after <= rules.MAX_FREIGHT_FEN


@given(paid_rows, st.integers(1, 10**7), st.integers(-3, 3))
def test_free_from_an_amount_holds_from_that_very_fen(row, from_fen, off):
    free = Row(first_fen=row.first_fen, next_fen=row.next_fen, free_from_fen=from_fen)
    amount = max(from_fen + off, 0)
    fen, why = rules.charge(Basis.PIECE, free, units=1, pieces=1, amount_fen=amount)
    assert (why is FreightWhy.FREE_FROM) == (amount >= from_fen)
    assert fen == (0 if amount >= from_fen else row.first_fen)


def test_exact_charges():
    row = Row(first_units=2, first_fen=1000, next_units=3, next_fen=250, free_from_pieces=10)
    charged = [rules.charge(Basis.PIECE, row, units=n, pieces=n, amount_fen=0)[0] for n in range(1, 12)]
    assert charged == [1000, 1000, 1250, 1250, 1250, 1500, 1500, 1500, 1750, 0, 0]
    kilo = Row(first_units=1000, first_fen=1200, next_units=500, next_fen=400)
    assert [
        rules.charge(Basis.WEIGHT, kilo, units=g, pieces=1, amount_fen=0)[0] for g in (0, 1000, 1001, 1500, 1501)
    ] == [
        1200,
        1200,
        1600,
        1600,
        2000,
    ]
    assert rules.charge(Basis.FLAT, row, units=9, pieces=9, amount_fen=0)[0] == 1000


def test_the_nearest_row_holds():
    province, city = Row(regions=(HEBEI,), first_fen=1), Row(regions=(SHIJIAZHUANG,), first_fen=2)
    rows = (province, Row(first_fen=3), city)
    held = [rules.row_for(rows, code).first_fen for code in (QIAOXI, "130202", BEIJING, "")]
    assert held == [2, 1, 3, 3]
    closed = make_freight.terms(not_to=(SHIJIAZHUANG,))
    assert [rules.delivered(closed, code) for code in (QIAOXI, "130202", "")] == [False, True, True]


def test_several_templates_add_up():
    dear, free = make_freight.terms(fen=900), make_freight.terms(Row(first_fen=500, free_from_fen=1000))
    parts = [rules.part(dear, "", [(1, 0, 10)]), rules.part(free, "", [(1, 0, 1000)])]
    assert (rules.summed(parts).fen, rules.summed(parts).why) == (900, FreightWhy.CHARGED)
    assert (rules.summed(parts[1:]).fen, rules.summed(parts[1:]).why) == (0, FreightWhy.FREE_FROM)
    assert (rules.summed([]).fen, rules.summed([]).why) == (0, FreightWhy.NO_TEMPLATE)


@pytest.mark.parametrize(
    ("field", "rows", "not_to", "name"),
    [
        ("name", (Row(),), (), " "),
        ("rows", (), (), "x"),
        ("rows", (Row(), Row()), (), "x"),
        ("regions", (Row(), Row(regions=("999999",))), (), "x"),
        ("regions", (Row(), Row(regions=(HEBEI,)), Row(regions=(HEBEI,))), (), "x"),
        ("regions", (Row(), Row(regions=(QIAOXI,))), (), "x"),
        ("not_to", (Row(), Row(regions=(HEBEI,))), (HEBEI,), "x"),
        ("units", (Row(first_units=0),), (), "x"),
        ("fees", (Row(next_fen=-1),), (), "x"),
        ("free_from", (Row(free_from_fen=0),), (), "x"),
    ],
)
def test_templates_that_make_no_sense(field, rows, not_to, name):
    with pytest.raises(Invalid) as refused:
        rules.check(NewTemplate(name=name, basis=Basis.PIECE, rows=rows, not_to=not_to), KNOWN)
    assert refused.value.details["field"] == field


def test_carriers_are_found_by_code_and_by_what_people_type():
    assert {rules.carrier_named(name).code for name in ("sf", "顺丰", "顺丰速运", " SF Express ")} == {"SF"}
    assert rules.carrier_named("中国邮政EMS") is rules.carrier_named("EMS")
    assert rules.carrier_named("飞毛腿") is None
    assert len({one.code for one in CARRIERS}) == len(CARRIERS)
    for one in CARRIERS:
        re.compile(one.pattern)


def test_a_parcels_number_is_looked_at():
    assert rules.check_parcel("顺丰", "SF1234567890123").code == "SF"
    with pytest.raises(OddTrackingNo):
        rules.check_parcel("中通快递", "SF1234567890123")
    with pytest.raises(UnknownCarrier):
        rules.check_parcel("SF1234567890123", "顺丰")


def test_regions_have_three_levels():
    assert queries.region_path(BEIJING) == ("北京市", "北京市", "东城区")
    assert queries.region_path("441900") == ("广东省", "东莞市", "")
    assert queries.region_path("810101")[0] == "香港特别行政区"
    for code in (HEBEI, SHIJIAZHUANG, "999999", "", "1101"):
        with pytest.raises(UnknownRegion):
            queries.region_path(code)
    tree = queries.regions_tree()
    assert len(tree) == 34
    leaves = [district for province in tree for city in province.children for district in city.children]
    assert all(queries.is_district(leaf.code) for leaf in leaves)
    assert len({leaf.code for leaf in leaves}) == len(leaves) > 2900
