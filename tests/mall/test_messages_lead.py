"""Every kind of message leads to a page of the app that exists, with the number that the page asks for.

The demo alliance's story tells most of them; what it doesn't tell is told by the jobs of later days. What the page of a
message loads is then asked for by the person who was told.
"""

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.mall.conftest import APP
from tuike.db import rows
from tuike.doors.cli.story import load
from tuike.flows import reward_buyers, tell_deadlines
from tuike.kit import clock
from tuike.messages import service as messages
from tuike.messages.personal_kinds import PERSONAL
from tuike.people import service as people
from tuike.people.types import SessionKind

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ROW = re.compile(r"^  (\w+): .*?[`'](/[a-z]+/[a-z]+/[a-z]+)", re.MULTILINE)
ASKS = {
    "order": "/orders/{no}",
    "refund": "/refunds/{no}",
    "review": "/orders/{no}/reviews",
    "coupons": "/vouchers",
    "bargain": "/bargains/{code}",
    "red_packet": "/red-packets/sent/{no}",
    "points": "/points",
    "member": "/member",
    "shop": "/shops/{no}",
    "talk": "/me/talks/{no}",
    "post": "/me/posts",
    "work": "/joining/{no}",
    "withdrawal": "/promoter/balance",
    "bonus": "/promoter/bonuses/{no}",
    "grade": "/promoter/grade",
}
"""What the page of a message asks the storefront for."""


def _pages() -> dict[str, str]:
    """Return the pages of the app that messages lead to, by the word of the message."""
    return dict(ROW.findall((APP / "src/features/messages/lead.ts").read_text(encoding="utf-8")))


def test_every_kind_leads_to_a_page_that_the_app_has():
    pages = _pages()
    assert set(pages) == {kind.page for kind in PERSONAL.values()} == set(ASKS)
    listed = (APP / "src/pages.json").read_text(encoding="utf-8")
    sources = {file: file.read_text(encoding="utf-8") for file in (APP / "src/features").rglob("*.ts")}
    for word, page in pages.items():
        root, _, rest = page.removeprefix("/").partition("/")
        assert f'"{page[1:]}"' in listed or (f'"root": "{root}"' in listed and f'"{rest}"' in listed), page
        text = (APP / f"src{page}.vue").read_text(encoding="utf-8")
        used = [text, *(sources[file] for file in sources if f"@/features/{file.parent.name}/{file.stem}'" in text)]
        assert any(f"'/api/storefront{ASKS[word]}'" in one for one in used), (page, ASKS[word])


def _deposits_go(now: datetime) -> None:
    """Let the deposit of the story come to both ends that it hasn't come to: what is told is told by the same verb."""
    [(person_id, about)] = rows.query("SELECT person_id, object FROM messages_personal WHERE kind = 'deposit_paid'")
    for kind in ("deposit_returned", "deposit_forfeited"):
        facts = {"amount_fen": 5_000, "reason": "虚假宣传"}
        messages.tell_person(person_id=person_id, kind=kind, facts=facts, object_=about, now=now)


def _targets_and_grades_go(now: datetime) -> None:
    """Let who reached the story's target lose it, see it closed early, and move on the ladder: by the same verb."""
    [(person_id, about), *_] = rows.query(
        "SELECT person_id, object FROM messages_personal WHERE kind = 'bonus_reached' ORDER BY id"
    )
    for kind in ("bonus_taken_back", "bonus_closed"):
        messages.tell_person(person_id=person_id, kind=kind, facts={"name": "冲刺"}, object_=about, now=now)
    for kind in ("grade_up", "grade_down"):
        facts = {"grade_zh": "黄金", "grade_en": "黄金", "extra_bps": 100, "from_at": now.isoformat()}
        messages.tell_person(person_id=person_id, kind=kind, facts=facts, now=now)


def _appeals_go(now: datetime) -> None:
    """Let who was refused on appeal be told of one that was accepted: by the same verb."""
    [(person_id, about)] = rows.query("SELECT person_id, object FROM messages_personal WHERE kind = 'appeal_refused'")
    facts = {"no": about, "amount_fen": 500, "reason": "凭证属实"}
    messages.tell_person(person_id=person_id, kind="appeal_accepted", facts=facts, object_=about, now=now)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_who_was_told_may_see_what_the_message_leads_to(db, tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    load.load(now=NOON, media=tmp_path, appid="wxdemo00000000", mchid="1900000000")
    for day in range(40):
        tell_deadlines.tell_receipts(now=NOON + timedelta(days=day))
        tell_deadlines.tell_vouchers(now=NOON + timedelta(days=day))
    reward_buyers.end_points(now=NOON + timedelta(days=360))
    _deposits_go(NOON)
    _targets_and_grades_go(NOON)
    _appeals_go(NOON)
    told = rows.query("SELECT DISTINCT kind, person_id, object FROM messages_personal")
    assert {kind for kind, _, _ in told} == set(PERSONAL)
    wrong, led, browser = [], defaultdict(int), Client()
    tokens: dict[int, str] = {}
    for kind, person_id, about in told:
        page = PERSONAL[kind].page
        if not about and page in {"work", "withdrawal"}:
            continue
        if person_id not in tokens:
            tokens[person_id] = people.open_session(person_id=person_id, kind=SessionKind.STOREFRONT, now=NOON)
        address = re.sub(r"{\w+}", about, ASKS[page])
        said = {"authorization": f"Bearer {tokens[person_id]}"}
        status = browser.get(f"/api/storefront{address}", headers=said).status_code
        led[kind] += status == 200
        if status != 200:
            wrong.append(f"{kind} {address} as {person_id}: {status}")
    assert not wrong, "\n".join(wrong)
    assert all(led[kind] for kind in PERSONAL), led
