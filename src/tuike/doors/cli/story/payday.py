"""The story's withdrawals: asked for, decided, sent to the bank or to WeChat, paid or returned."""

import csv
import io
from datetime import datetime, timedelta

from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import run_payouts
from tuike.flows.adjust_commission import ask_adjustment
from tuike.flows.book_by_hand import ask_by_hand
from tuike.flows.decide_withdrawal import approve_withdrawal, cancel_withdrawal, reject_withdrawal
from tuike.flows.export_bank_batch import export_bank_batch
from tuike.flows.import_bank_outcomes import import_bank_outcomes
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.gateways.bank_files import OUTCOME_COLUMNS
from tuike.gateways.payouts import Outcome, OutcomeState
from tuike.kit.days import SHANGHAI
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties import queries as parties
from tuike.settlement import queries as settlement
from tuike.settlement.types import Heard, NothingToSend, Rail, WithdrawalState

_SEATS = {"shop": ("cashier", "finance")}


def ask(scene: Scene, name: str, party: str, percent: int, at: datetime) -> str:
    """Let a party ask for so many percent of what it has, rounded down to fen, and return the withdrawal's number."""
    amount_fen = scene.progress.once(f"amount:{name}", _amount, scene, party, percent)["fen"]
    return scene.progress.flow(f"withdraw:{name}", _ask, scene, name, party, amount_fen, at)["no"]


def _amount(scene: Scene, party: str, percent: int) -> Answer:
    ref = parties.refs([scene.parties[party]])[scene.parties[party]]
    account = chart.payee(ref.kind.value, ref.id, "available")
    return {"fen": ledger.balances(refs=[account])[account.path] * percent // 100}


def _ask(scene: Scene, name: str, party: str, amount_fen: int, at: datetime) -> Answer:
    person, role = _SEATS.get(party, (party, "super_admin"))
    actor, key = scene.actor(person, party, role), f"demo:{name}"
    party_id = scene.parties[party]
    return {"no": request_withdrawal(party_id=party_id, amount_fen=amount_fen, key=key, actor=actor, now=at)}


def approve(scene: Scene, no: str, at: datetime) -> None:
    """Let the operator's finance say yes."""
    scene.progress.flow(f"approve:{no}", _approve, scene, no, at)


def _approve(scene: Scene, no: str, at: datetime) -> None:
    approve_withdrawal(no=no, actor=scene.finance, key=f"demo:{no}", now=at)


def reject(scene: Scene, no: str, at: datetime) -> None:
    """Let another person of the operator's finance say no."""
    scene.progress.flow(f"reject:{no}", _reject, scene, no, at)


def _reject(scene: Scene, no: str, at: datetime) -> None:
    actor = scene.actor("finance2", "operator", "finance")
    reject_withdrawal(no=no, reason="收款人信息待核实，请补充材料后重新申请", actor=actor, key=f"demo:{no}", now=at)


def take_back(scene: Scene, no: str, party: str, at: datetime) -> None:
    """Let the party take its request back."""
    scene.progress.flow(f"take_back:{no}", _take_back, scene, no, party, at)


def _take_back(scene: Scene, no: str, party: str, at: datetime) -> None:
    cancel_withdrawal(no=no, actor=scene.actor(party, party), key=f"demo:{no}", now=at)


def to_bank(scene: Scene, name: str, at: datetime) -> str:
    """Hand what is approved for the bank over in a file and return its number."""
    return scene.progress.flow(f"batch:{name}", _to_bank, scene, at)["no"]


def _to_bank(scene: Scene, at: datetime) -> Answer:
    try:
        return {"no": export_bank_batch(actor=scene.finance, now=at).no}
    except NothingToSend:  # cut off after the file was made: it is the latest
        return {"no": settlement.bank_batches(limit=1)[0].no}


def from_bank(scene: Scene, batch_no: str, returned: str, at: datetime) -> None:
    """Read the bank's answer: all of a file paid but the withdrawal `returned`."""
    scene.progress.flow(f"outcomes:{batch_no}", _from_bank, scene, batch_no, returned, at)


def _from_bank(scene: Scene, batch_no: str, returned: str, at: datetime) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(OUTCOME_COLUMNS)
    settled = (at - timedelta(hours=1)).astimezone(SHANGHAI).isoformat(timespec="seconds")
    for seq, payout in enumerate(settlement.payouts_in(batch_no), start=1):
        back = payout.no == returned
        reference = "" if back else f"YH{batch_no[1:7]}{seq:06d}"
        writer.writerow(
            (payout.no, "returned" if back else "paid", reference, "户名与账号不符" if back else "", settled)
        )
    import_bank_outcomes(batch_no=batch_no, file=out.getvalue().encode(), actor=scene.finance, now=at)


def file_return(scene: Scene, no: str, at: datetime) -> None:
    """Let one person of finance file that the bank gave a payout back later; nobody has approved it yet."""
    scene.progress.flow(f"late_return:{no}", _file_return, scene, no, at)


def _file_return(scene: Scene, no: str, at: datetime) -> None:
    ask_by_hand(
        no=no,
        heard=Heard.RETURNED,
        happened_at=at - timedelta(hours=3),
        reference=f"TP{no[1:7]}0001",
        reason="银行退票：收款账户已销户",
        actor=scene.actor("finance2", "operator", "finance"),
        now=at,
        key=f"demo:late:{no}",
    )


def correct(scene: Scene, name: str, party: str, amount_fen: int, at: datetime) -> None:
    """Let finance file a correction; nobody has approved it yet."""
    scene.progress.flow(f"correct:{name}", _correct, scene, name, party, amount_fen, at)


def _correct(scene: Scene, name: str, party: str, amount_fen: int, at: datetime) -> None:
    ref = parties.refs([scene.parties[party]])[scene.parties[party]]
    ask_adjustment(
        party_no=ref.no,
        amount_fen=amount_fen,
        reason="活动页面价格有误，补偿差额",
        actor=scene.finance,
        now=at,
        key=f"demo:{name}",
    )


def to_wechat(scene: Scene, no: str, at: datetime) -> None:
    """Send an approved withdrawal to WeChat, which waits for the payee's confirmation."""
    scene.progress.flow(f"wechat:{no}", _to_wechat, no, at)


def _to_wechat(no: str, at: datetime) -> None:
    run_payouts.mark_to_send(rail=Rail.WECHAT, limit=10, now=at)
    payout = settlement.payouts([no])[no]
    run_payouts.record_outcome(payout=payout, outcome=Outcome(payout_no=no, state=OutcomeState.WAIT_USER), now=at)


def confirmed(scene: Scene, no: str, at: datetime) -> None:
    """Let the payee confirm in WeChat: the money has arrived."""
    scene.progress.flow(f"confirmed:{no}", _confirmed, no, at)


def _confirmed(no: str, at: datetime) -> None:
    payout = settlement.payouts([no])[no]
    found = settlement.withdrawal(no)
    if found is not None and found.state is WithdrawalState.WAITING_USER:
        outcome = Outcome(
            payout_no=no,
            state=OutcomeState.PAID,
            reference=f"133000{no[1:]}",
            amount_fen=payout.net_fen,
            settled_at=at,
        )
        run_payouts.record_outcome(payout=payout, outcome=outcome, now=at)
