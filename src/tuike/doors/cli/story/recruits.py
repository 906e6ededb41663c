"""How the demo's network grows: recruiting links of a promoter, the shop and the operator, an edition of the form with
those who applied by it, a deposit, and a promoter under another recruiter."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from tuike.audit.types import Actor
from tuike.doors.cli.story import trade
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import apply_to_network, decide_applications, open_party
from tuike.network import queries as network_of
from tuike.network import service as network
from tuike.network.types import Field, FieldKind, NewForm, Rule, RuleTest, Then
from tuike.parties import service as parties
from tuike.parties.types import SubjectKind

DEPOSIT_FEN = 5_000
_FORM = NewForm(
    needed=True,
    title="推客加入申请",
    fields=(
        Field("why", FieldKind.TEXT, "为什么想成为推客", "Why do you want to be a promoter"),
        Field("fans", FieldKind.NUMBER, "粉丝数", "Followers", low=0),
        Field("where", FieldKind.CHOICE, "主要渠道", "Main channel", choices=("朋友圈", "视频号", "社群")),
    ),
    rules=(Rule("fans", RuleTest.AT_MOST, "9", Then.REJECT, "粉丝不足 10 人，欢迎积累后再来"),),
    real_name=False,
    deposit_fen=DEPOSIT_FEN,
    reapply_days=7,
    law_noted=True,
)
_NEWCOMERS = (
    ("b6", "杜若飞", "p1", 260, "视频号"),
    ("b7", "韩松年", "shop", 1_200, "社群"),
    ("b8", "夏知秋", "operator", 3, "朋友圈"),
)


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""


def recruit(story: Telling) -> None:
    """Links and the form, three who apply: one let in with a deposit, one who waits, one whom a rule turns down."""
    scene = story.scene
    story.on(6, "09:30", partial(_links, scene))
    story.on(6, "09:40", partial(_publish, scene, _FORM, "form"))
    for place, newcomer in enumerate(_NEWCOMERS):
        story.on(5, f"1{place}:10", partial(_applies, scene, newcomer))
    story.on(5, "16:00", partial(_deposit, scene))
    story.on(4, "11:00", partial(_let_in, scene))
    story.on(4, "11:10", partial(_moved, scene))
    # Nobody has to apply on the demo's own day: whoever tries it out may become a promoter at once.
    open_again = NewForm(needed=False, title="推客加入申请", fields=_FORM.fields, rules=_FORM.rules, real_name=False)
    story.on(2, "09:00", partial(_publish, scene, open_again, "form:open"))


def _links(scene: Scene, at: datetime) -> None:
    for owner, note in (("p1", "视频号直播间"), ("shop", "门店海报"), ("operator", "官网招募")):
        scene.progress.once(f"recruit:{owner}", _link, scene, owner, note, at)


def _link(scene: Scene, owner: str, note: str, at: datetime) -> Answer:
    return {"code": network.make_link(owner_id=scene.parties[owner], note=note, actor=scene.shell, now=at).code}


def _publish(scene: Scene, form: NewForm, name: str, at: datetime) -> None:
    scene.progress.once(name, _published, scene, form, at)


def _published(scene: Scene, form: NewForm, at: datetime) -> Answer:
    return {"edition": network.publish_form(form=form, actor=scene.shell, now=at).edition}


def _applies(scene: Scene, newcomer: tuple[str, str, str, int, str], at: datetime) -> None:
    buyer, name, owner, fans, channel = newcomer
    code = scene.progress.once(f"recruit:{owner}", _link, scene, owner, "", at)["code"]
    opened = scene.progress.flow(f"party:n:{buyer}", _opened, scene, buyer, name, code, at)
    scene.parties[f"n:{buyer}"] = opened["id"]
    answers = {"why": "平时就爱给朋友推荐好茶好物", "fans": fans, "where": channel}
    scene.progress.flow(f"apply:{buyer}", _applied, scene, buyer, answers, at + timedelta(minutes=5))


def _opened(scene: Scene, buyer: str, name: str, code: str, at: datetime) -> Answer:
    made = open_party.open_promoter(
        person_id=scene.persons[buyer],
        name=name,
        subject_kind=SubjectKind.INDIVIDUAL,
        recruiter_no="",
        link=code,
        key=f"demo:newcomer:{buyer}",
        actor=scene.shell,
        now=at,
    )
    return {"id": made.id}


def _applied(scene: Scene, buyer: str, answers: dict[str, object], at: datetime) -> Answer:
    made = apply_to_network.file_application(
        person_id=scene.persons[buyer],
        promoter_id=scene.parties[f"n:{buyer}"],
        answers=answers,
        actor=_self(scene, buyer),
        now=at,
        key=f"demo:apply:{buyer}",
    )
    return {"no": made.no}


def _self(scene: Scene, buyer: str) -> Actor:
    return scene.actor(buyer, f"n:{buyer}")


def _deposit(scene: Scene, at: datetime) -> None:
    made = scene.progress.once("deposit:b6", _kept, scene, at)
    trade.pay_deposit(scene, "b6", made["no"], DEPOSIT_FEN, at)


def _kept(scene: Scene, at: datetime) -> Answer:
    promoter_id, person_id = scene.parties["n:b6"], scene.persons["b6"]
    made = network.keep_deposit(promoter_id=promoter_id, person_id=person_id, amount_fen=DEPOSIT_FEN, now=at)
    return {"no": made.no}


def _let_in(scene: Scene, at: datetime) -> None:
    scene.progress.flow("admit:b6", _admitted, scene, at)


def _admitted(scene: Scene, at: datetime) -> None:
    filed = network_of.last_application(scene.parties["n:b6"])
    assert filed is not None
    decide_applications.decide_by_hand(no=filed.no, admit=True, actor=scene.running, now=at, key="demo:admit:b6")


def _moved(scene: Scene, at: datetime) -> None:
    scene.progress.once("move:b6", _under, scene, at)


def _under(scene: Scene, at: datetime) -> None:
    parties.change_recruiter(
        promoter_id=scene.parties["n:b6"],
        recruiter_id=scene.parties["p2"],
        reason="线下由陆晨希带教，经双方同意调整",
        actor=scene.running,
        now=at,
    )
