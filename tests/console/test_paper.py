"""Statements on paper: as many pages as it takes, long texts cut, the same look everywhere."""

import re

from tuike.doors.console.party import paper


def a_paper(rows: int, text: str = "到期结算") -> paper.Paper:
    table = paper.Table(
        title="明细",
        heads=("事项", "金额"),
        widths=(748, 300),
        right=(False, True),
        rows=[(text, f"¥{number}.00") for number in range(rows)],
        sums=("合计", "¥1.00"),
    )
    return paper.Paper("账单", "推客小李", [("期初", "¥0.00")], [table], "SHA-256 …", "第 {n} / {all} 页")


def pages(made: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", made))


def test_a_table_goes_on_over_pages():
    assert pages(paper.pdf(a_paper(3))) == 1
    assert pages(paper.pdf(a_paper(120))) == 4


def test_a_text_that_is_too_long_stays_in_its_column():
    made = paper.pdf(a_paper(1, text="很长的事项" * 40))
    assert made.startswith(b"%PDF")
    assert pages(made) == 1
