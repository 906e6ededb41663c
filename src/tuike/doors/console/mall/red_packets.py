"""A shop's red packets: the list, a new one (typed, looked at, sent), one with who got what."""

from typing import Any

import segno
from django.conf import settings as django_settings
from django.http import HttpResponse

from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.text import T, Tag
from tuike.flows import send_red_packet
from tuike.insight.lists import gifts as listed
from tuike.kit.errors import Invalid, Refusal
from tuike.kit.names import masked_name
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.marketing import queries as packets
from tuike.marketing.types import NewPacket, PacketState, SplitKind
from tuike.parties.types import MallFunction
from tuike.people import queries as people
from tuike.settings import service as settings

FIELDS = ("total", "shares", "split", "greeting")
STATES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in listed.PACKET_STATES.items()}
SPLITS = {key: T(zh, en) for key, (zh, en, _) in listed.SPLITS.items()}


def page(request: Any) -> HttpResponse:
    """List the packets."""
    return lists.show(
        request,
        listed.RED_PACKETS,
        scope={"merchant": request.asker.party_id},
        title=T("店铺红包", "Red packets"),
        lead=T(
            "从本店可提现余额发出，领到的钱只能在商城内使用；24 小时未领完的自动退回。",
            "Sent out of what the shop has available; what is opened is spent in the mall. After 24 hours the rest"
            " comes back.",
        ),
        acts="console/mall/red_packets_acts.html",
        row="console:merchant-red-packet",
        row_key="no__no",
        empty=(
            T("还没有发过红包", "No red packet yet"),
            T("发一个红包，把链接分享到群里。", "Send one and share its link in a group."),
        ),
        extra={
            "on": bool(packets.shops_offering(MallFunction.RED_PACKETS, [request.asker.party_id])),
            "may_send": request.asker.may("merchant-red-packet-new", "POST"),
        },
    )


def new(request: Any) -> HttpResponse:
    """Ask how much for how many; show what would be sent; send it once that is confirmed."""
    if request.method == "GET":
        return _form(request, {"split": "lucky"}, {})
    typed = {name: request.POST.get(name, "")[:60] for name in FIELDS}
    try:
        packet = _read(typed)
        if request.POST.get("confirmed") != "1":
            return _look(request, typed, packet)
        send_red_packet.send_shop_packet(
            merchant_id=request.asker.party_id,
            packet=packet,
            actor=request.asker.actor,
            key=asker_key(request),
            now=request.asker.now,
        )
    except Refusal as refusal:
        return _form(request, typed, reading.problems(refusal))
    return answers.done(T("红包已发出", "The red packet was sent"), refresh="list-changed")


def drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one packet: its link with its code to scan while it can be opened, how far it is, and who got what
    (masked)."""
    packet = packets.packet_of_shop(merchant_id=request.asker.party_id, no=no)
    shares = packets.shares_of(packet)
    names = people.refs({share.person_id for share in shares})
    link = f"{django_settings.PUBLIC_BASE}/m/marketing/packet/packet?code={packet.code}"
    context = {
        "packet": packet,
        "link": link if packet.state is PacketState.OPEN else "",
        "qr": segno.make(link, error="m").svg_data_uri(scale=4, border=2),
        "state": STATES[packet.state.value],
        "split": SPLITS[packet.split.value],
        "left_fen": packet.total_fen - packet.opened_fen - packet.returned_fen,
        "shares": [
            (masked_name(names[one.person_id].nickname if one.person_id in names else ""), one) for one in shares
        ],
    }
    return answers.drawer(request, "console/mall/red_packet.html", context)


def _form(request: Any, typed: dict[str, str], errors: dict[str, str]) -> HttpResponse:
    context = {
        "typed": typed,
        "errors": errors,
        "splits": SPLITS,
        "available_fen": _available(request.asker.party_id),
        "most_fen": settings.get("red_packet_share_most_fen"),
    }
    return answers.dialog(request, "console/mall/red_packet_form.html", context, status=422 if errors else 200)


def _look(request: Any, typed: dict[str, str], packet: NewPacket) -> HttpResponse:
    available = _available(request.asker.party_id)
    left = available - packet.total_fen
    context = {"typed": typed, "packet": packet, "split": SPLITS[packet.split.value], "left_fen": left}
    if left < 0:
        words = T("可提现余额不足", "The shop has less available")
        return _form(request, typed, {"total_fen": str(words)})
    return answers.dialog(request, "console/mall/red_packet_look.html", context)


def _available(party_id: int) -> int:
    account = chart.merchant(party_id, "available")
    return ledger.balances(refs=[account])[account.path]


def _read(typed: dict[str, str]) -> NewPacket:
    """Return the packet that was typed.

    Raises:
        Invalid: a field that can't be read, or makes no sense.
    """
    if typed["split"] not in SPLITS:
        raise Invalid(field="split", reason_zh="请选择类型", reason_en="choose a kind")
    packet = NewPacket(
        total_fen=reading.fen(typed["total"], field="total_fen"),
        shares=reading.whole(typed["shares"], field="shares"),
        split=SplitKind(typed["split"]),
        greeting=typed["greeting"].strip(),
    )
    packets.check_new_packet(packet)
    return packet
