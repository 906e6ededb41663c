"""One order from the click to the payout and the money back, over HTTP, with the books after each step.

Who acts are people of the demo alliance; the buyer is somebody new. Django must be set up before this is imported.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuike.doors.cli import clock as clock_command
from tuike.doors.cli.story.people import BY_KEY
from tuike.doors.cli.story.phone import control
from tuike.doors.cli.story.visits import Patience, Visitor, WentWrong
from tuike.doors.web.soon import soon
from tuike.flows import purses
from tuike.insight import verify
from tuike.kit import clock, days
from tuike.kit.money import percent, yuan
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Source
from tuike.people import queries as people
from tuike.runtime.words import say

PIECES = 3
WAIT_HOURS = 27 * 24 + 1
PRODUCT = "奶香巴旦木 500 克"
_TICKET = re.compile(r'name="tuike-ticket" content="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Shown:
    """An account that the journey watches, and what a reader calls it."""

    label: str
    ref: AccountRef


class Journey:
    """Walks the steps in order; the first one that doesn't come true ends it."""

    def __init__(self, *, sandbox: str, console: Console) -> None:
        """`sandbox` is the address of the sandbox that plays WeChat."""
        self._sandbox, self._console = sandbox, console
        self._patience = Patience(nudge=soon)
        self._promoter, self._seller, self._finance = (self._visitor(key) for key in ("p2", "shop", "finance"))
        stranger = control(sandbox, "people", {})["people"][0]
        self._buyer = Visitor(settings.PUBLIC_BASE, sandbox, stranger["name"], stranger["openid"])
        self._watched = self._accounts()
        self._before = self._balances()
        self._steps = 0
        self._order_no = ""

    def walk(self) -> None:
        """Walk from the click to the money back.

        Raises:
            WentWrong: a step didn't come true.
        """
        for one in (self._promoter, self._seller, self._finance):
            one.login()
        ticket, made = self._click()
        checkout = self._buy(ticket, made)
        self._pay(checkout)
        self._deliver()
        self._wait()
        self._withdraw()
        self._money_back()
        self._verify()

    def _click(self) -> tuple[str, dict[str, Any]]:
        pid = self._promoter.call("GET", "/promoter/places")["items"][0]["pid"]
        product = self._product()
        for source in self._promoter.call("GET", "/promoter/rules")["items"]:
            if not source["accepted"]:
                self._promoter.call("POST", f"/promoter/rules/{source['source']}/acceptance")
        wish = {"pid": pid, "products": [product["no"]]}
        made = self._promoter.call("POST", "/promoter/materials", wish)["items"][0]
        self._say(
            f"推客 {self._promoter.name} 为「{made['title']}」做了推广素材：{made['short_link']}",
            f"promoter {self._promoter.name} made material for “{made['title']}”: {made['short_link']}",
        )
        click = self._buyer.visit("GET", made["short_link"])
        if click.status != 302:
            raise WentWrong(f"{made['short_link']}: {click.status}")
        landing = click.headers["Location"] or ""
        self._say(
            "有人点击了短链接：点击已落盘，302 到落地页",
            "somebody clicked the short link: the click is on disk, 302 to the landing page",
        )
        page = self._buyer.visit("GET", landing)
        found = _TICKET.search(page.text)
        if page.status != 200 or found is None or made["title"] not in page.text:
            raise WentWrong(f"{landing}: {page.status}")
        self._say(
            f"落地页显示「{made['title']}」，访客的触达已记录",
            f"the landing page shows “{made['title']}” and records the visitor's touch",
        )
        return found[1], product

    def _product(self) -> dict[str, Any]:
        after = ""
        while True:
            page = self._promoter.call("GET", f"/products?limit=100&after={after}")
            for one in page["items"]:
                if one["title"] == PRODUCT and one["free"] >= PIECES:
                    return one
            after = page["next"]
            if not after:
                raise WentWrong(say(f"没有在售的「{PRODUCT}」", f"“{PRODUCT}” is not on sale"))

    def _buy(self, ticket: str, product: dict[str, Any]) -> dict[str, Any]:
        moved = self._buyer.login()
        if moved < 1:
            raise WentWrong("login: the visitor's touch didn't become the buyer's")
        touch = self._buyer.call("POST", "/touches", {"ticket": ticket})
        if not touch["good"]:
            raise WentWrong("touch: the ticket is not good")
        self._say(
            f"{self._buyer.name} 用微信登录（沙箱的手机），访客的 {moved} 次触达归到名下；小程序再次上报凭证",
            f"{self._buyer.name} logs in by WeChat (the sandbox's phone), {moved} touches of the visitor move along; "
            "the mini-program reports the ticket, too",
        )
        sku_id = self._buyer.call("GET", f"/products/{product['no']}")["skus"][0]["sku_id"]
        address = {
            "name": self._buyer.name,
            "phone": "19900000001",
            "region": "上海市 浦东新区",
            "detail": "演示路 1 号",
        }
        wish = {"items": [{"sku_id": sku_id, "quantity": PIECES}], "address": address}
        placed = self._buyer.call("POST", "/orders", wish)
        self._order_no = placed["orders"][0]["no"]
        self._say(
            f"下单 {PIECES} 件，{yuan(placed['payable_fen'])}，订单 {self._order_no}；归属此刻已定，账目不动",
            f"{PIECES} pieces ordered, {yuan(placed['payable_fen'])}, order {self._order_no}; "
            "who earns is decided now, no money moves",
        )
        return placed

    def _pay(self, placed: dict[str, Any]) -> None:
        no = placed["checkout_no"]
        payment = self._buyer.call("POST", f"/checkouts/{no}/payment", {"mode": "jsapi"})
        control(self._sandbox, "pay", {"out_trade_no": payment["payment_no"]})
        self._say(
            f"在沙箱收银台付了 {yuan(payment['amount_fen'])}，微信支付发出签名加密的通知",
            f"{yuan(payment['amount_fen'])} paid at the sandbox's cashier; WeChat Pay sends a signed, sealed notice",
            books=False,
        )
        self._patience.until(
            say("等待支付确认", "waiting for the payment to be confirmed"),
            lambda: self._buyer.call("GET", f"/checkouts/{no}")["state"] == "paid",
        )
        self._say(
            "后台任务核对通知并入账：货款冻结在商家名下，佣金记为待结算",
            "the worker confirmed it: the goods' money is held for the shop, commission is pending",
        )
        for one in self._earnings():
            self._console.print(
                f"    {one['role']}  {percent(one['rate_bps'])} × {yuan(one['base_fen'])} → {yuan(one['amount_fen'])}"
            )

    def _deliver(self) -> None:
        parcel = {"carrier": "演示快递", "tracking_no": f"DEMO{self._order_no}"}
        self._seller.call("POST", f"/merchant/orders/{self._order_no}/shipments", parcel)
        self._say(f"商家 {self._seller.name} 发货", f"the shop ({self._seller.name}) ships", books=False)
        order = self._buyer.call("POST", f"/orders/{self._order_no}/receipt")
        if order["state"] != "completed":
            raise WentWrong(f"receipt: {order['state']}")
        self._say("买家确认收货，27 天后到期", "the buyer confirms receipt: due in 27 days", books=False)

    def _wait(self) -> None:
        clock_command.set_(f"+{WAIT_HOURS}h")
        for one in (self._promoter, self._seller, self._finance, self._buyer):
            one.login()
        self._patience.until(
            say("等待未确认的旧提现退回", "waiting for older transfers that nobody confirmed to come back"),
            lambda: not [w for w in self._withdrawals() if w["state"] in ("sending", "waiting_user")],
            job="run_payouts",
        )
        self._patience.until(
            say("等待到期结算", "waiting for maturity"),
            lambda: {one["state"] for one in self._earnings()} == {"settled"},
            job="mature",
        )
        self._say(
            f"时钟拨到 {days.shown(clock.now())}：到期的佣金与货款变为可提现"
            "（欠款先还，演示里其他到期的订单也一并结算）",
            f"the clock moved to {days.shown(clock.now())}: what is due became available "
            "(debts first; other due orders of the demo settle along)",
        )

    def _withdraw(self) -> None:
        held = purses.purses(party=parties.refs([_party("p2", PartyKind.PROMOTER)]).popitem()[1])
        purse_of = {one.source: one for one in held}
        mall = purse_of.pop(Source.MINI_STORE)
        for one in purse_of.values():
            if one.available_fen >= one.minimum_fen:
                self._ask(one)
        no = self._ask(mall)  # the one that is followed to its end
        said = yuan(mall.available_fen)
        self._say(
            f"推客 {self._promoter.name} 按来源申请提现，商城部分 {said}，提现 {no}",
            f"promoter {self._promoter.name} asks, source by source; of the mall's {said}, withdrawal {no}",
        )
        queue = [one["no"] for one in self._finance.call("GET", "/finance/withdrawals")["items"]]
        if no not in queue:
            raise WentWrong(f"withdrawal {no}: not in finance's queue")
        state = self._finance.call("POST", f"/finance/withdrawals/{no}/approval")["state"]
        if state != "approved":
            raise WentWrong(f"withdrawal {no}: {state}")
        self._say(f"平台财务 {self._finance.name} 审批通过", f"finance ({self._finance.name}) approves", books=False)
        self._patience.until(
            say("等待微信接受转账", "waiting for WeChat to take the transfer"),
            lambda: self._state_of(no) == "waiting_user",
            job="run_payouts",
        )
        control(self._sandbox, "transfer", {"out_bill_no": no, "action": "confirm"})
        self._patience.until(
            say("等待打款结果", "waiting for the payout's outcome"),
            lambda: self._state_of(no) == "paid",
            job="run_payouts",
        )
        self._say("推客在手机上确认收款，钱已到账", "the promoter confirms on the phone: the money has arrived")

    def _ask(self, purse: purses.Purse) -> str:
        """Ask for all of a purse and return the withdrawal's number."""
        asked = {"amount_fen": purse.available_fen, "source": purse.source.value}
        return str(self._promoter.call("POST", "/promoter/withdrawals", asked)["no"])

    def _money_back(self) -> None:
        had, earned = self._net(), sum(one["amount_fen"] for one in self._earnings())
        wish = {"lines": [{"line_no": 1, "quantity": 1}], "reason": "一罐受潮"}
        asked = self._buyer.call("POST", f"/orders/{self._order_no}/refunds", wish)
        self._seller.call("POST", f"/merchant/refunds/{asked['no']}/approval")
        self._patience.until(
            say("等待退款到账", "waiting for the refund"),
            lambda: self._refund_state(asked["no"]) == "refunded",
            job="send_refunds",
        )
        left = sum(one["amount_fen"] for one in self._earnings())
        taken, lost = earned - left, had - self._net()
        if taken <= 0 or taken != lost:
            raise WentWrong(f"clawback: {yuan(taken)} of commission went, {yuan(lost)} was taken back")
        owed = self._promoter.call("GET", "/promoter/balance")["owed_fen"]
        self._say(
            f"结算并提现之后，买家退回 1 件（{yuan(asked['amount_fen'])}）：推客的佣金追回 {yuan(taken)}，"
            f"余额不足的部分成为欠款（现欠 {yuan(owed)}），从以后的结算中扣除",
            f"after all that one piece goes back ({yuan(asked['amount_fen'])}): {yuan(taken)} of the promoter's "
            f"commission is clawed back; what is missing is a debt ({yuan(owed)} now), netted from what settles next",
        )

    def _verify(self) -> None:
        broken = [finding for result in verify.run() for finding in result.findings]
        if broken:
            raise WentWrong(f"verify: {broken[0].object} {broken[0].what}")
        self._say("逐项重算全部账目：全部相符", "all of the books recomputed: everything holds", books=False)

    def _earnings(self) -> list[dict[str, Any]]:
        found = self._promoter.call("GET", "/promoter/earnings?limit=100")["items"]
        return [one for one in found if one["order_no"] == self._order_no]

    def _withdrawals(self) -> list[dict[str, Any]]:
        return self._promoter.call("GET", "/promoter/withdrawals?limit=100")["items"]

    def _state_of(self, no: str) -> str:
        return next(one["state"] for one in self._withdrawals() if one["no"] == no)

    def _refund_state(self, no: str) -> str:
        refunds = self._buyer.call("GET", f"/orders/{self._order_no}")["refunds"]
        return next(one["state"] for one in refunds if one["no"] == no)

    def _net(self) -> int:
        """Return what the promoter has available less what it owes, in fen."""
        stands = self._promoter.call("GET", "/promoter/balance")
        return stands["available_fen"] - stands["owed_fen"]

    def _visitor(self, key: str) -> Visitor:
        return Visitor(settings.PUBLIC_BASE, self._sandbox, BY_KEY[key].name, BY_KEY[key].openid)

    def _accounts(self) -> list[Shown]:
        promoter, recruiter = (_party(key, PartyKind.PROMOTER) for key in ("p2", "p1"))
        shop = _party("shop", PartyKind.MERCHANT)
        return [
            Shown(say("微信支付（外部）", "WeChat Pay (outside)"), chart.outside("wechatpay")),
            Shown(say("商家 冻结", "shop, held"), chart.merchant(shop, "held")),
            Shown(say("商家 可提现", "shop, available"), chart.merchant(shop, "available")),
            Shown(say("推客 待结算", "promoter, pending"), chart.promoter(promoter, "pending")),
            Shown(say("推客 可提现", "promoter, available"), chart.promoter(promoter, "available")),
            Shown(say("推客 提现中", "promoter, leaving"), chart.promoter(promoter, "leaving")),
            Shown(say("推客 欠款", "promoter, owed"), chart.promoter(promoter, "owed")),
            Shown(say("上级 待结算", "recruiter, pending"), chart.promoter(recruiter, "pending")),
            Shown(say("上级 可提现", "recruiter, available"), chart.promoter(recruiter, "available")),
            Shown(say("平台 待结算", "platform, pending"), chart.platform("pending")),
            Shown(say("平台 收入", "platform, fees"), chart.platform("fees")),
        ]

    def _balances(self) -> dict[str, int]:
        return ledger.balances(refs=[one.ref for one in self._watched])

    def _say(self, zh: str, en: str, *, books: bool = True) -> None:
        """Print what happened, and the books with what changed in them since they were last printed."""
        self._steps += 1
        self._console.print(Text.assemble((f"✓ {self._steps:2} ", "green"), (say(zh, en), "bold")), soft_wrap=True)
        if not books:
            return
        now = self._balances()
        if now == self._before and self._steps > 1:
            self._console.print(Text(say("    账目没有变化", "    the books: no change"), "dim"))
            return
        table = Table(box=None, padding=(0, 2, 0, 4))
        table.add_column(say("账户", "account"))
        table.add_column(say("余额", "balance"), justify="right")
        table.add_column(say("变动", "change"), justify="right")
        for one in self._watched:
            change = now[one.ref.path] - self._before[one.ref.path]
            told = (
                Text(f"{'+' if change > 0 else ''}{yuan(change)}", "green" if change > 0 else "red") if change else ""
            )
            table.add_row(one.label, yuan(now[one.ref.path]), told)
        self._console.print(table)
        self._before = now


def _party(key: str, kind: PartyKind) -> int:
    """Return the id of the party of this kind in which somebody of the story sits.

    Raises:
        WentWrong: the story isn't here.
    """
    person = people.find_by_phone(BY_KEY[key].phone)
    found = [seat.party.id for seat in parties.seats_of(person.id) if seat.party.kind is kind] if person else []
    if not found:
        raise WentWrong(
            say("演示联盟没有载入：先运行 tuike demo load", "the demo alliance isn't here: run tuike demo load")
        )
    return found[0]
