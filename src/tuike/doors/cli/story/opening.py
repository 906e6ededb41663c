"""The story's first days: who is who, and who may do what."""

from datetime import datetime

from tuike.attribution import service as attribution
from tuike.doors.cli.story import papers
from tuike.doors.cli.story.password import demo_password
from tuike.doors.cli.story.people import BY_KEY, CAST, Character, credit_code
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.parties import service as parties
from tuike.parties.types import EnterpriseProof, IndividualProof, Rail, Role, Source, SubjectKind
from tuike.people import service as people

PROMOTERS = {"p1": "", "p2": "p1", "p3": "p2", "p4": "p1", "p5": "p2", "p6": "p1", "p7": "p1"}
"""Promoters and who recruited them: three tiers."""

SEATED = (
    "operator",
    "running",
    "finance",
    "finance2",
    "auditor",
    "shop",
    "goods",
    "cashier",
    "tea",
    "craft",
    "leader",
    *PROMOTERS,
)
"""Who signs in to a console."""

_NAMES = {
    "p1": "青禾好物",
    "p2": "晨希严选",
    "p3": "可心分享",
    "p4": "以诺优品",
    "p5": "雪晴推荐",
    "p6": "志远优选",
    "p7": "晓南推荐",
}
_SHOPS = {
    "shop": ("山茶生活馆", Source.MINI_STORE, ""),
    "tea": ("半山茶铺", Source.MINI_PROGRAM, "wx0de0b1a2c3d4e5f6"),
    "craft": ("南枝手作", Source.MINI_STORE, ""),
}
_SEATS = {
    "operator": (
        ("running", Role.OPERATOR),
        ("finance", Role.FINANCE),
        ("finance2", Role.FINANCE),
        ("auditor", Role.AUDITOR),
    ),
    "shop": (("goods", Role.PRODUCT_MANAGER), ("cashier", Role.FINANCE)),
}
_PLACES = {"p1": ("朋友圈", "家居群"), "p2": ("微信群",), "p3": ("朋友圈",), "p4": ("社群",), "p7": ("微信群",)}
_BANK = "沧海银行"  # no bank of this name exists


def open_parties(scene: Scene) -> None:
    """Open people and parties; run again it only remembers their ids."""
    step, first, joined = scene.progress.once, scene.at(70, "09:00"), scene.at(70, "15:00")
    for one in CAST:
        scene.persons[one.key] = step(f"person:{one.key}", _person, scene, one, first)["id"]
    scene.parties["operator"] = step("party:operator", _operator, scene, first)["id"]
    for key in _SHOPS:
        scene.parties[key] = step(f"party:{key}", _merchant, scene, key, first)["id"]
    scene.parties["leader"] = step("party:leader", _leader, scene, first)["id"]
    for person, role in _SEATS["operator"]:
        step(f"seat:{person}", _seat, scene, "operator", person, role, now=first)
    for key, recruiter in PROMOTERS.items():
        scene.parties[key] = step(f"party:{key}", _promoter, scene, key, recruiter, joined)["id"]
    for key in ("shop", "tea", "craft", "leader", "p1", "p2", "p3", "p4", "p7"):
        step(f"certification:{key}", _certify, scene, key, joined)
    for person, role in _SEATS["shop"]:
        step(f"seat:{person}", _seat, scene, "shop", person, role, now=joined)
    step("certification:p6", _certify, scene, "p6", joined, "身份证照片不清晰，请重新上传")
    for key in _SHOPS:
        step(f"alliance:{key}", _alliance, scene, key, joined)
    for key in SEATED:
        step(f"password:{key}", _password, scene, key, first)
    for key in ("p1", "p2", "p3", "p4", "leader", "shop"):
        step(f"account:{key}", _account, scene, key, scene.at(69, "10:00"))
    for key, names in _PLACES.items():
        for name in names:
            pid = step(f"pid:{key}:{name}", _place, scene, key, name, scene.at(69, "11:00"))["pid"]
            scene.places.setdefault(key, []).append(pid)


def file_only(scene: Scene, key: str, now: datetime) -> None:
    """File a promoter's proof and leave it to the operator."""
    scene.progress.once(f"certification:{key}", _file, scene, key, now)


def _person(scene: Scene, one: Character, now: datetime) -> Answer:
    ref = people.sign_in_by_wechat(appid=scene.appid, openid=one.openid, unionid=one.unionid, now=now)
    people.rename(person_id=ref.id, nickname=one.name)
    people.bind_phone(person_id=ref.id, phone=one.phone, now=now)
    return {"id": ref.id}


def _password(scene: Scene, key: str, now: datetime) -> None:
    people.set_password(person_id=scene.persons[key], password=demo_password(), actor=scene.shell, now=now)


def _operator(scene: Scene, now: datetime) -> Answer:
    admin = scene.persons["operator"]
    return {"id": parties.open_operator(name="推客联盟（演示）", super_admin=admin, actor=scene.shell, now=now).id}


def _merchant(scene: Scene, key: str, now: datetime) -> Answer:
    name, source, appid = _SHOPS[key]
    ref = parties.open_merchant(
        name=name,
        source=source,
        subject_kind=SubjectKind.ENTERPRISE,
        super_admin=scene.persons[key],
        appid=appid,
        actor=scene.shell,
        now=now,
    )
    return {"id": ref.id}


def _leader(scene: Scene, now: datetime) -> Answer:
    admin = scene.persons["leader"]
    return {"id": parties.open_leader(name="灵选团", super_admin=admin, actor=scene.shell, now=now).id}


def _promoter(scene: Scene, key: str, recruiter: str, now: datetime) -> Answer:
    ref = parties.open_promoter(
        name=_NAMES[key],
        subject_kind=SubjectKind.INDIVIDUAL,
        super_admin=scene.persons[key],
        recruiter_id=scene.parties[recruiter] if recruiter else None,
        actor=scene.running,
        now=now,
    )
    return {"id": ref.id}


def _seat(scene: Scene, party: str, person: str, role: Role, *, now: datetime) -> None:
    person_id, actor = scene.persons[person], scene.actor(party, party)
    parties.add_seat(party_id=scene.parties[party], person_id=person_id, role=role, actor=actor, now=now)


def _certify(scene: Scene, key: str, now: datetime, reject: str = "") -> Answer:
    answer = _file(scene, key, now)
    parties.decide_certification(no=answer["no"], approve=not reject, reason=reject, actor=scene.running, now=now)
    return answer


def _file(scene: Scene, key: str, now: datetime) -> Answer:
    who, party_id = BY_KEY[key], scene.parties[key]
    kinds = ("licence",) if key in _SHOPS else ("front", "back")
    documents = papers.hand_in(party_id, kinds, scene.persons[key], now)
    proof: EnterpriseProof | IndividualProof = IndividualProof(
        name=who.name, id_number=who.id_number, phone=who.phone, documents=documents
    )
    if key in _SHOPS:
        proof = EnterpriseProof(
            licence_name=f"{_SHOPS[key][0]}（演示）商贸有限公司",
            licence_no=credit_code(who.seq),
            legal_person=who.name,
            bank=_BANK,
            bank_account=who.account_no,
            documents=documents,
        )
    actor = scene.actor(key, key)
    return {"no": parties.file_certification(party_id=party_id, proof=proof, actor=actor, now=now)}


def _alliance(scene: Scene, key: str, now: datetime) -> None:
    parties.open_alliance(merchant_id=scene.parties[key], actor=scene.actor(key, key), now=now)


def _account(scene: Scene, key: str, now: datetime) -> None:
    """Bind where money goes: one promoter is paid to WeChat, the others to a bank."""
    who, wechat = BY_KEY[key], key == "p2"
    account = parties.bind_bank_account(
        party_id=scene.parties[key],
        rail=Rail.WECHAT if wechat else Rail.BANK,
        holder=who.name,
        number=who.openid if wechat else who.account_no,
        bank="" if wechat else _BANK,
        actor=scene.actor(key, key),
        now=now,
    )
    parties.verify_bank_account(bank_account_id=account.id, actor=scene.running, now=now)


def _place(scene: Scene, key: str, name: str, now: datetime) -> Answer:
    return {"pid": attribution.add_place(promoter_id=scene.parties[key], name=name, key=f"demo:{name}", now=now).pid}
