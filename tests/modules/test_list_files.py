"""Lists as files: every row, readable by what people read them with, and nothing in them that runs."""

import csv
import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from tests.modules.test_lists import LIST, SHOP
from tuike.insight.lists import files, listing
from tuike.insight.lists.listing import Column, Filter, Listing
from tuike.kit import xlsx

NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "＋1", "－1", "＠1", "\r=1", "\n=1"]
HARMLESS = ["1=1", "a-b", 'say "hi", twice', "two\nlines", "", " x", "<b>&amp;</b>", "青瓷"]


def texts(values):
    """Return a listing over given texts, in their order."""
    held = ", ".join("({}, '{}')".format(n, one.replace("'", "''")) for n, one in enumerate(values))
    return Listing(
        name="texts", sql_from=f"(VALUES {held}) AS v (id, word)", scope_sql="true", id_sql="v.id", default_sort="id_",
        columns=(Column("id_", ("序", "No."), "v.id", kind="count"), Column("word", ("词", "Word"), "v.word")),
    )  # fmt: skip


def read_csv(path):
    """Return the rows of a CSV file as spreadsheets read it, by Python's own reader."""
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def read_xlsx(path, sheet=1):
    """Return the cells' texts of a sheet, row by row, as column letter → text."""
    ns = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        for part in book.namelist():
            ElementTree.fromstring(book.read(part))
        tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    found = []
    for row in tree.iterfind(".//x:row", ns):
        cells = {}
        for cell in row.iterfind("x:c", ns):
            inside = cell.find("x:is/x:t", ns) if cell.get("t") == "inlineStr" else cell.find("x:v", ns)
            assert cell.find("x:f", ns) is None
            cells[cell.get("r").rstrip("0123456789")] = inside.text or ""
        found.append(cells)
    return found


def test_a_csv_holds_what_the_page_finds_in_its_order(db, tmp_path):
    asked = {"state": "open", "sort": "-fen", "after": "ignored"}
    told = files.write_csv(tmp_path / "a.csv", LIST, {"shop": SHOP}, asked, zh=False)
    head, *rows = read_csv(tmp_path / "a.csv")
    assert head == ["No.", "Amount", "Time", "Day", "Id", "Word", "State"]
    wanted = [n for n in range(2, 201, 2) if n % 3 == 0]
    wanted = sorted(wanted, key=lambda n: (n % 7 == 0, -(n % 7), -n))
    assert [row[0] for row in rows] == [f"N{n}" for n in wanted]
    assert rows[0] == ["N174", "6.00", "2026-03-08 06:00:00", "2026-03-07", "174", "w0", "Open"]
    assert rows[-1][1] == ""
    assert told.rows == len(rows) == listing.count(LIST, {"shop": SHOP}, {"state": "open"}).n
    assert told.sums == listing.totals(LIST, {"shop": SHOP}, {"state": "open"})
    content = (tmp_path / "a.csv").read_bytes()
    assert (told.sha256, told.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert content.startswith(b"\xef\xbb\xbf")


def test_the_words_of_a_file_are_the_readers(db, tmp_path):
    files.write_csv(tmp_path / "a.csv", LIST, {"shop": SHOP}, {"small": "yes"}, zh=True)
    head, *rows = read_csv(tmp_path / "a.csv")
    assert head[0] == "编号"
    assert {row[-1] for row in rows} == {"进行中", "已完成"}


@pytest.mark.parametrize("text", NASTY)
def test_no_cell_of_a_csv_runs(db, tmp_path, text):
    files.write_csv(tmp_path / "a.csv", texts([text]), {}, {})
    assert read_csv(tmp_path / "a.csv")[1][1] == "'" + text


def test_other_text_stays_as_it_is(db, tmp_path):
    files.write_csv(tmp_path / "a.csv", texts(HARMLESS), {}, {})
    assert [row[1] for row in read_csv(tmp_path / "a.csv")[1:]] == HARMLESS
    files.write_xlsx(tmp_path / "a.xlsx", texts(HARMLESS), {}, {})
    assert [row["B"] for row in read_xlsx(tmp_path / "a.xlsx")[1:]] == HARMLESS


def test_amounts_and_rates_keep_every_digit(db, tmp_path):
    values = [0, 5, -5, 99, -100, 123456789, -(10**13)]
    held = ", ".join(f"({n}, {fen}::bigint)" for n, fen in enumerate(values))
    amounts = Listing(
        name="amounts", sql_from=f"(VALUES {held}) AS v (id, fen)", scope_sql="true", id_sql="v.id", default_sort="n",
        columns=(
            Column("n", ("序", "No."), "v.id", kind="count"),
            Column("fen", ("元", "Yuan"), "v.fen", kind="money", total=True),
            Column("bps", ("率", "Rate"), "v.fen", kind="rate"),
        ),
    )  # fmt: skip
    told = files.write_csv(tmp_path / "a.csv", amounts, {}, {})
    shown = ["0.00", "0.05", "-0.05", "0.99", "-1.00", "1234567.89", "-100000000000.00"]
    assert [row[1:] for row in read_csv(tmp_path / "a.csv")[1:]] == [[one, one + "%"] for one in shown]
    assert told.sums == {"fen": sum(values)}
    told = files.write_xlsx(tmp_path / "a.xlsx", amounts, {}, {})
    rows = read_xlsx(tmp_path / "a.xlsx")[1:]
    # What a spreadsheet reads is the very number that it reads from the amount typed in.
    assert [float(row["B"]) for row in rows] == [float(one) for one in shown]
    assert [float(row["C"]) for row in rows][:5] == [0, 0.0005, -0.0005, 0.0099, -0.01]
    assert told.sums == {"fen": sum(values)}


def test_a_spreadsheet_holds_the_same_rows_as_numbers(db, tmp_path):
    told = files.write_xlsx(tmp_path / "a.xlsx", LIST, {"shop": SHOP}, {"sort": "id_"}, zh=False)
    head, first, *others = read_xlsx(tmp_path / "a.xlsx")
    assert list(head.values())[:3] == ["No.", "Amount", "Time"]
    # 1 March 2026, 2:00 in Shanghai, is day 46082 since the format's epoch and two hours of 24.
    assert first == {"A": "N2", "B": "2", "C": "46082.08333333334", "D": "46081", "E": "2", "F": "w2", "G": "Done"}
    assert "B" not in others[5]
    assert told.rows == len(others) + 1 == 100
    assert told.sha256 == hashlib.sha256((tmp_path / "a.xlsx").read_bytes()).hexdigest()


def test_progress_is_told(db, tmp_path):
    many = replace(texts(["x"]), sql_from="(SELECT n AS id, 'w' AS word FROM generate_series(1, 12000) n) AS v")
    for write, name in ((files.write_csv, "a.csv"), (files.write_xlsx, "a.xlsx")):
        told = []
        write(tmp_path / name, many, {}, {}, progress=lambda *one, told=told: told.append(one))
        assert told[-1] == (12000, 12000)
        assert len(told) > 2
        assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_file_goes_on_in_a_second_sheet(monkeypatch, tmp_path):
    monkeypatch.setattr(xlsx, "ROWS_A_SHEET", 3)
    rows = ((f"r{n}",) for n in range(7))
    assert xlsx.write(tmp_path / "a.xlsx", name="账[1]", headings=["行"], kinds=["text"], rows=rows) == 7
    sheets = [[row["A"] for row in read_xlsx(tmp_path / "a.xlsx", n)] for n in (1, 2, 3)]
    assert sheets == [["行", "r0", "r1", "r2"], ["行", "r3", "r4", "r5"], ["行", "r6"]]


def test_what_xml_cannot_hold_is_left_out(tmp_path):
    rows = [("a\x00b\x0bc<&>\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), None), ("x" * 40_000, 1)]
    xlsx.write(tmp_path / "a.xlsx", name="t", headings=["a", "b"], kinds=["text", "count"], rows=rows)
    _, first, second = read_xlsx(tmp_path / "a.xlsx")
    assert first == {"A": "abc<&>😀"}
    assert len(second["A"]) == 32_767


def test_days_and_instants_of_a_spreadsheet(tmp_path):
    rows = [(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), date(2026, 3, 1))]
    xlsx.write(tmp_path / "a.xlsx", name="t", headings=["a", "b"], kinds=["instant", "day"], rows=rows)
    assert read_xlsx(tmp_path / "a.xlsx")[1] == {"A": "46082.99998842592", "B": "46082"}


def test_the_scope_holds_in_files(db, tmp_path):
    files.write_csv(tmp_path / "a.csv", LIST, {"shop": SHOP}, {"shop": "2"})
    assert all(int(row[4]) % 2 == 0 for row in read_csv(tmp_path / "a.csv")[1:])


def test_what_cannot_be_asked_makes_no_file(db, tmp_path):
    with pytest.raises(listing.BadFilter):
        files.write_csv(tmp_path / "a.csv", LIST, {"shop": SHOP}, {"fen_min": "x"})
    assert not (tmp_path / "a.csv").exists()


def test_a_filter_of_a_file_says_what_the_page_says(db, tmp_path):
    one = replace(LIST, filters=(Filter("q", ("词", "Word"), "r.word LIKE %(like)s"),))
    told = files.write_csv(tmp_path / "a.csv", one, {"shop": SHOP}, {"q": "w1"})
    assert told.rows == listing.count(one, {"shop": SHOP}, {"q": "w1"}).n
