"""Many orders out of one table of parcels: each whole or not at all; and spreadsheets as they come in."""

import io
import zipfile

import pytest

from tests.make import alliance as make
from tuike.db import rows
from tuike.flows.ship_orders import MOST_PARCELS, BesideAWrongRow, ParcelRow, TooManyParcels, ship_orders
from tuike.freight.types import OddTrackingNo, UnknownCarrier
from tuike.kit import xlsx, xlsx_in
from tuike.kit.errors import NotFound
from tuike.orders import queries as orders_of

NOW = make.NOON
SF = "SF12345678901"


@pytest.fixture
def one(db):
    return make.alliance()


def _ship(one, *table, odd=False):
    wanted = [ParcelRow(line, *cells) for line, cells in enumerate(table, start=2)]
    return ship_orders(merchant_id=one.shop.id, rows=wanted, now=NOW, odd=odd)


def _parcels(order):
    return [(parcel.carrier, parcel.tracking_no) for parcel in orders_of.parcels_of(order.id)]


def test_each_order_for_itself_and_twice_is_once(one):
    first, second = make.bought(one), make.bought(one)
    table = [
        (first.no, "顺丰", f"{SF}1"),
        ("O0", "SF", f"{SF}2"),
        (second.no, "SF", f"{SF}3"),
        (second.no, "中通快递", "75312345678901"),
    ]
    for _ in range(2):
        done = _ship(one, *table)
        assert [type(row.refusal) for row in done] == [type(None), NotFound, type(None), type(None)]
    assert _parcels(first) == [("SF", f"{SF}1")]
    assert _parcels(second) == [("SF", f"{SF}3"), ("ZTO", "75312345678901")]
    told = rows.query("SELECT count(*) FROM outbox_event WHERE topic = 'order.shipped'")
    assert told == [(3,)]


def test_nothing_of_an_order_is_shipped_when_one_of_its_rows_is_wrong(one):
    order = make.bought(one)
    for wrong, why in (
        ((order.no, "飞毛腿", "1"), UnknownCarrier),
        ((order.no, "中通", "SF1"), OddTrackingNo),
    ):
        done = _ship(one, (order.no, "SF", f"{SF}1"), wrong)
        assert [type(row.refusal) for row in done] == [BesideAWrongRow, why]
        assert "3" in done[0].refusal.sentence()
    taken = _ship(one, (order.no, "SF", f"{SF}1"), (order.no, "SF", "9" * 61), odd=True)
    assert [row.refusal.code for row in taken] == ["beside_a_wrong_row", "order_text_too_long"]
    assert _parcels(order) == []
    assert orders_of.order_of_merchant(merchant_id=one.shop.id, no=order.no).state == "paid"
    assert [row.refusal for row in _ship(one, (order.no, "飞毛腿", "1"), odd=True)] == [None]
    assert _parcels(order) == [("飞毛腿", "1")]


def test_another_shops_orders_are_not_there(one):
    foreign = make.bought(make.alliance(beside=one))
    assert isinstance(_ship(one, (foreign.no, "SF", f"{SF}1"))[0].refusal, NotFound)
    assert _parcels(foreign) == []


def test_a_table_has_its_bounds(one):
    with pytest.raises(TooManyParcels):
        _ship(one, *[("O1", "SF", "1")] * (MOST_PARCELS + 1))


def test_a_spreadsheet_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "parcels.xlsx"
    table = [["O26", "顺丰", "SF1234567890123"], ["O27", "", "75312345678901"]]
    xlsx.write(path, name="x", headings=["订单号", "快递公司", "快递单号"], kinds=["text"] * 3, rows=table)
    found = list(xlsx_in.read(path.read_bytes()))
    assert found == [(1, ["订单号", "快递公司", "快递单号"]), (2, table[0]), (3, table[1])]


def _book(sheet: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", sheet)
    return file.getvalue()


def test_numbers_gaps_and_inline_text_of_other_programs():
    ns = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    row = b'<row r="4"><c r="A4"><v>75312345678901.0</v></c><c r="C4" t="inlineStr"><is><t>a</t></is></c></row>'
    assert list(xlsx_in.read(_book(ns + row + b"</sheetData></worksheet>"))) == [(4, ["75312345678901", "", "a"])]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04broken",
        _book(b"<a"),
        _book(b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
        _book(
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<row><c t="s"><v>9</v></c></row></worksheet>'
        ),
    ],
)
def test_what_is_no_spreadsheet_is_refused(raw):
    with pytest.raises(xlsx_in.NotASheet):
        list(xlsx_in.read(raw))


def test_a_part_too_large_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(xlsx_in, "LARGEST_PART", 1000)
    with pytest.raises(xlsx_in.NotASheet):
        list(xlsx_in.read(_book(b"<a>" + b" " * 2000 + b"</a>")))
