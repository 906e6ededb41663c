"""Mails as a person reads them: a report with its picture, an alert, a code, a trial; text and HTML, in their language.

Pictures travel in the mail, nothing is loaded from anywhere: opening one tells nobody anything.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from tuike.alerts import queries as alerts_of
from tuike.alerts.types import EditionShown, FiringShown, Leaving, Rhythm, Unit
from tuike.doors.web.said import said
from tuike.gateways.mail import Mail
from tuike.kit import chart, days, ids, money
from tuike.kit.fonts import Fonts
from tuike.parties.types import PartyRef
from tuike.people.types import PersonRef

PICTURE = "chart"
_SALT = "tuike.mails.stop"
_BY = {
    "product": ("商品", "Products"),
    "promoter": ("推客", "Promoters"),
    "merchant": ("商家", "Shops"),
    "place": ("推广位", "Places"),
}


def compose(one: Leaving, party: PartyRef, person: PersonRef, address: str) -> Mail:
    """Return the mail about an edition or a firing, in the person's language."""
    with _language(person.language):
        number = f"tuike-{one.id}-{one.person_id}"
        if one.edition is not None:
            return _report(one.edition, party, address, number)
        assert one.firing is not None, "a mail is about one of the two"
        return _alert(one.firing, party, person, address, number)


def code(address: str, digits: str, *, language: str) -> Mail:
    """Return the mail that carries the code which confirms an address."""
    with _language(language):
        title = said("验证您的邮箱", "Confirm your e-mail address")
        lines = [
            said("您的验证码：", "Your code:") + digits,
            said(
                "15 分钟内有效。请在账户设置页输入。", "It is good for 15 minutes. Enter it in your account settings."
            ),
            said("如果不是您本人操作，请忽略本邮件。", "If it wasn't you who asked for it, do nothing."),
        ]
        return _plain(address, title, lines)


def trial(address: str, party: PartyRef, *, language: str) -> Mail:
    """Return the mail that shows a person that mails arrive."""
    with _language(language):
        title = said("推客测试邮件", "A trial mail of Tuike")
        lines = [
            said(
                f"“{party.name}”的预警与报告会发送到这个邮箱。",
                f'Alerts and reports of "{party.name}" are sent to this address.',
            ),
            said("收到本邮件说明邮箱可用。", "That you read this means that it works."),
        ]
        return _plain(address, title, lines)


def picture(content: Mapping[str, Any], *, title: str = "") -> bytes:
    """Return a report's picture in the language of the page or mail that is being made: paid by day, and orders."""
    drawn = content["days"]
    sold = any("paid_fen" in one for one in drawn)
    fen, count = ("paid_fen", "orders") if sold else ("estimated_fen", "accruals")
    columns = said("成交金额", "Paid") if sold else said("预估佣金", "Estimated commission")
    line = said("推广订单", "Orders") if sold else said("佣金笔数", "Accruals")
    return chart.png(
        fonts=_fonts(),
        title=title or said(f"近 {len(drawn)} 天", f"The last {len(drawn)} days"),
        labels=[one["day"][5:] for one in drawn],
        columns=chart.Series(columns, [one[fen] for one in drawn], lambda value: f"¥{value // 100:,}", unit=100),
        line=chart.Series(line, [one[count] for one in drawn], lambda value: f"{value:,}"),
    )


def shown(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report's figures and best as a page or mail shows them, in its language."""
    tiles = [
        {
            "name": said(one["zh"], one["en"]),
            "value": alerts_of.shown(one["value"], Unit(one["unit"])),
            "before": alerts_of.shown(one["before"], Unit(one["unit"])),
            "change": _change(one["change_bps"]),
            "rises": None if not one["change_bps"] else one["change_bps"] > 0,
        }
        for one in content["tiles"]
    ]
    tops = [
        {
            "title": said(*_BY[top["by"]]),
            "rows": [
                {
                    "name": said(row["name"], row["name_en"]),
                    "paid": money.yuan(row["paid_fen"]),
                    "orders": f"{row['orders']:,}",
                }
                for row in top["rows"]
            ],
        }
        for top in content["tops"]
    ]
    counted = content["watermark"]
    return {
        "party": content["party"],
        "tiles": tiles,
        "tops": tops,
        "counted": days.shown(datetime.fromisoformat(counted))[:16] if counted else "—",
        "words": {
            "figure": said("指标", "Figure"),
            "value": said("本期", "This period"),
            "before": said("上期", "Before"),
            "change": said("变化", "Change"),
            "name": said("名称", "Name"),
            "paid": said("成交金额", "Paid"),
            "orders": said("推广订单", "Orders"),
            "none": said("本期没有成交", "Nothing was sold in this period"),
            "counted": said("数据截至", "Counted up to"),
            "best": said("排行", "The best"),
        },
    }


def title_of(rhythm: Rhythm, first: date, last: date, party: str) -> str:
    """Return the heading of a report in the language of the page or mail."""
    if rhythm is Rhythm.DAILY:
        return said(f"{party} 经营日报 {first}", f"{party}: daily report, {first}")
    return said(f"{party} 经营周报 {first} 至 {last}", f"{party}: weekly report, {first} to {last}")


def stop_token(*, party_id: int, person_id: int, about: str) -> str:
    """Return what stands in a mail's link by which its person ends such mails; `about`: a rhythm or a threshold."""
    return signing.dumps([party_id, person_id, about], salt=_SALT, compress=True)


def read_stop(token: str) -> tuple[int, int, str] | None:
    """Return party, person and what a mail was about, None for a token that isn't ours."""
    try:
        party_id, person_id, about = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(party_id), int(person_id), str(about)


def _report(edition: EditionShown, party: PartyRef, address: str, number: str) -> Mail:
    title = title_of(edition.rhythm, edition.first, edition.last, party.name)
    context = shown(edition.content) | {
        "title": title,
        "summary": said(edition.content["said_zh"], edition.content["said_en"]),
        "picture": f"cid:{PICTURE}",
        "picture_alt": said("近日走势", "The days before, drawn"),
        "link": _page(party, "alert-report", no=edition.no),
        "link_words": said("在工作台中查看", "Open it in the console"),
    }
    return _mail(
        address, title, "report", context, number,
        stop=stop_token(party_id=party.id, person_id=edition.person_id, about=edition.rhythm.value),
        pictures={PICTURE: picture(edition.content)},
    )  # fmt: skip


def _alert(firing: FiringShown, party: PartyRef, person: PersonRef, address: str, number: str) -> Mail:
    from tuike.insight import reports  # noqa: PLC0415 the boards are read only where a mail is made

    tile = {one.key: one for one in reports.offered(party.kind.value)}.get(firing.wish.tile)
    name = said(*tile.words) if tile else firing.wish.tile
    unit = Unit(tile.unit.value) if tile else Unit.COUNT
    rule, over = said(*alerts_of.said(firing.wish, unit)), said(*alerts_of.over_days(firing.wish))
    value = alerts_of.shown(firing.value, unit)
    title = said(f"预警：{party.name} {name} {value}", f"Alert: {party.name}, {name.lower()} {value}")
    context = {
        "title": title,
        "facts": [
            (said("指标", "Figure"), f"{name} · {over}"),
            (said("当前值", "Value"), value),
            (said("上期", "Before"), alerts_of.shown(firing.before, unit)),
            (said("预警条件", "Alert when"), rule),
            (said("数据截至", "Counted up to"), days.shown(firing.watermark)[:16]),
        ],
        "link": _page(party, "alerts"),
        "link_words": said("在工作台中查看", "Open it in the console"),
        "again": said("恢复之前不会再次提醒。", "It is told again only after the figure was back."),
    }
    stop = stop_token(party_id=party.id, person_id=person.id, about=firing.threshold_no)
    return _mail(address, title, "alert", context, number, stop=stop)


def _mail(
    address: str, title: str, template: str, context: dict[str, Any], number: str, *, stop: str,
    pictures: Mapping[str, bytes] | None = None,
) -> Mail:  # fmt: skip
    leave = f"{settings.PUBLIC_BASE}{reverse('console:mail-stop', kwargs={'token': stop})}"
    context |= {
        "language": said("zh-Hans", "en"),
        "leave": leave,
        "leave_words": said("不再接收这类邮件", "No more mails of this kind"),
        "why_words": said(
            "您收到本邮件，是因为您在推客工作台中订阅了它。",
            "You get this because you subscribed to it in Tuike's console.",
        ),
    }
    return Mail(
        to=address,
        subject=title,
        text=render_to_string(f"mail/{template}.txt", context),
        html=render_to_string(f"mail/{template}.html", context),
        number=number,
        pictures=pictures or {},
        headers={"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


def _plain(address: str, title: str, lines: list[str]) -> Mail:
    context = {"title": title, "lines": lines, "language": said("zh-Hans", "en")}
    return Mail(
        to=address,
        subject=title,
        text="\n\n".join([*lines, "推客 Tuike"]) + "\n",
        html=render_to_string("mail/plain.html", context),
        number=f"tuike-{ids.random_code(20)}",
    )


def _page(party: PartyRef, name: str, **path_args: Any) -> str:
    try:
        path = reverse(f"console:{party.kind}-{name}", kwargs={"party_no": party.no, **path_args})
    except NoReverseMatch:
        return settings.PUBLIC_BASE
    return f"{settings.PUBLIC_BASE}{path}"


def _change(change_bps: int | None) -> str:
    if change_bps is None:
        return "—"
    arrow = "↑" if change_bps > 0 else "↓" if change_bps < 0 else "→"
    return f"{arrow} {money.percent(abs(change_bps))}"


def _language(language: str) -> Any:
    return translation.override("zh-hans" if language.lower().startswith("zh") else "en")


@cache
def _fonts() -> Fonts:
    return Fonts(Path(settings.FONTS))
