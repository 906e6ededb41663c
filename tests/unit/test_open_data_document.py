"""The open data's document says exactly the tables and columns that the code writes."""

from pathlib import Path

from tuike.insight.open_data.shapes import Table
from tuike.insight.open_data.tables import TABLES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "open-data.md"
BEGIN, END = "<!-- open data:", "<!-- end of open data -->"


def written(table: Table) -> str:
    """Return a table's section as the document has it."""
    kept = " Always whole." if table.state else ""
    lines = [
        f"### `{table.name}`",
        "",
        f"{table.zh}。{table.en[0].upper()}{table.en[1:]}. `day`: {table.day_zh}, {table.day_en}.{kept}",
        "",
        "| column | type | 说明 | meaning |",
        "| --- | --- | --- | --- |",
        *(f"| `{one.name}` | {one.kind} | {one.zh} | {one.en} |" for one in table.columns),
    ]
    return "\n".join(lines)


def section() -> str:
    """Return what stands between the document's marks."""
    text = DOCUMENT.read_text()
    start = text.index("\n", text.index(BEGIN)) + 1
    return text[start : text.index(END)].strip()


def test_the_document_has_the_tables_of_the_code():
    assert section() == "\n\n".join(written(table) for table in TABLES.values())


def test_names_say_units_and_are_used_once():
    for table in TABLES.values():
        names = [one.name for one in table.columns]
        assert len(names) == len(set(names)) and "day" not in names, table.name
        assert not [one.name for one in table.columns if one.name.endswith("_fen") and one.kind != "int64"]
        assert not [one.name for one in table.columns if one.name.endswith("_bps") and one.kind != "int32"]
        instants = {one.name for one in table.columns if one.kind == "timestamp"}
        assert instants - {"due_until", "listed_from"} == {n for n in names if n == "at" or n.endswith("_at")}
