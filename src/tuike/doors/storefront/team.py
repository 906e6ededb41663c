"""A promoter's people on the phone: the team page by page, recruiting links, buyers who are bound; and a buyer's own
bindings."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import StringConstraints

from tuike.attribution import queries as attribution
from tuike.attribution.types import BindingShown
from tuike.doors.storefront import answers
from tuike.doors.storefront.answers import REFUSED
from tuike.doors.storefront.callers import acting, person, promoting, seat, signed_in
from tuike.doors.storefront.kinds import Before, Body, IdempotencyKey, Limit, Number, PartyNo
from tuike.doors.storefront.paging import decoded, encoded
from tuike.doors.web.said import chinese
from tuike.flows import recruit_promoters, release_bindings
from tuike.insight import hierarchy
from tuike.insight.hierarchy import Branch, Viewer
from tuike.kit import clock
from tuike.kit.names import masked_name
from tuike.network import queries as network
from tuike.network.types import RecruitLinkShown
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.people import queries as people

router = Router(auth=signed_in, tags=["promoter"])
buyers = Router(auth=signed_in, tags=["me"])
Under = Annotated[str, Query(max_length=40, pattern=r"^[0-9A-Za-z]*$", description="A promoter of the team; else own.")]
Words = Annotated[str, Query(max_length=60, description="A number, or how a name begins.")]


class TeamBranch(Schema):
    """A promoter of the team: since when, how it stands, how many it recruited itself, and the last 30 days."""

    no: str
    name: str
    since: datetime
    state: str
    recruits: int
    grade: str
    orders: int
    sales_fen: int
    refunded_fen: int


class TeamPage(Schema):
    """A page of those whom a promoter recruited, by the order in which they came."""

    under: str
    items: list[TeamBranch]
    next: str


class TeamSums(Schema):
    """How many stand on each of three levels below, and what was paid by way of them in 30 days. For information: a
    team's totals pay nothing."""

    counts: list[int]
    orders: int
    sales_fen: int


class RecruitLinkMade(Schema):
    """A recruiting link: `address` is where it leads."""

    code: str
    note: str
    address: str
    made_at: datetime
    open: bool


class RecruitLinks(Schema):
    """The promoter's recruiting links, newest first."""

    items: list[RecruitLinkMade]
    next: str


class RecruitLinkWish(Body):
    """What the link is for, in the promoter's own words."""

    note: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class BoundBuyer(Schema):
    """A buyer who is or was bound, masked, at which shop and until when; `released_by`: buyer, merchant or nobody."""

    buyer: str
    shop: answers.Shop
    bound_at: datetime
    until: datetime
    released_at: datetime | None
    released_by: str
    holds: bool


class BoundBuyers(Schema):
    """A page of bindings, newest first."""

    items: list[BoundBuyer]
    next: str


class BoundTo(Schema):
    """At which shop the person is bound to which promoter, masked, and until when."""

    shop: answers.Shop
    promoter: str
    bound_at: datetime
    until: datetime
    holds: bool


class BoundTos(Schema):
    """A page of the person's bindings, newest first."""

    items: list[BoundTo]
    next: str


@router.get("/team/members", response=answers.answers(TeamPage))
def members(
    request: HttpRequest, under: Under = "", after: Before = "", limit: Limit = 20, party: PartyNo = ""
) -> object:
    """Show a page of those whom the promoter, or one of its team, recruited; three levels are seen."""
    viewer = Viewer(promoter_id=seat(request, PartyKind.PROMOTER, party).party.id)
    page = hierarchy.tree_page(
        viewer=viewer, under_no=under, after_id=decoded(after) if after else 0, limit=limit, now=clock.now()
    )
    return {
        "under": page.under.no if page.under else "",
        "items": [_branch(one) for one in page.items],
        "next": encoded(page.next_id or None),
    }


@router.get("/team/search", response=answers.answers(list[TeamBranch]))
def find(request: HttpRequest, words: Words, limit: Limit = 20, party: PartyNo = "") -> object:
    """Find promoters of the team by number, or by how a name begins."""
    viewer = Viewer(promoter_id=seat(request, PartyKind.PROMOTER, party).party.id)
    return [_branch(one) for one in hierarchy.search(viewer=viewer, text=words, limit=limit, now=clock.now())]


@router.get("/team/totals", response=answers.answers(TeamSums))
def totals(request: HttpRequest, party: PartyNo = "") -> object:
    """Show the team's sums."""
    found = hierarchy.team_totals(promoter_id=seat(request, PartyKind.PROMOTER, party).party.id, now=clock.now())
    return {"counts": list(found.counts), "orders": found.orders, "sales_fen": found.paid_fen}


@router.get("/recruit-links", response=answers.answers(RecruitLinks))
def links(request: HttpRequest, before: Before = "", limit: Limit = 20, party: PartyNo = "") -> object:
    """List the promoter's recruiting links."""
    owner_id = seat(request, PartyKind.PROMOTER, party).party.id
    found = network.links_of(owner_id=owner_id, before_id=decoded(before) if before else None, limit=limit)
    return {
        "items": [_link(one) for one in found],
        "next": encoded(found[-1].link_id if len(found) == limit else None),
    }


@router.post("/recruit-links", response=answers.answers(RecruitLinkMade, 201))
def make(request: HttpRequest, body: RecruitLinkWish, key: IdempotencyKey, party: PartyNo = "") -> object:
    """Make a recruiting link. Nobody earns by who joins; only goods that are sold earn."""
    sits = promoting(request, party)
    made = recruit_promoters.make_link(
        owner_id=sits.party.id, note=body.note, actor=acting(request, sits), now=clock.now(), key=key
    )
    return Status(201, _link(made))


@router.delete("/recruit-links/{code}", response=answers.answers(RecruitLinkMade))
def close(request: HttpRequest, code: Number, party: PartyNo = "") -> object:
    """Let nobody come by a link any more."""
    sits = seat(request, PartyKind.PROMOTER, party)
    recruit_promoters.close_link(owner_id=sits.party.id, code=code, actor=acting(request, sits), now=clock.now())
    return _link(network.link_by_code(code))


@router.get(
    "/recruit-links/{code}/poster",
    response=REFUSED,
    openapi_extra={"responses": {200: {"description": "The poster", "content": {"image/jpeg": {}}}}},
)
def poster(request: HttpRequest, code: Number, party: PartyNo = "") -> HttpResponse:
    """Return the poster of a recruiting link."""
    owner_id = seat(request, PartyKind.PROMOTER, party).party.id
    answer = HttpResponse(
        recruit_promoters.draw_link_poster(owner_id=owner_id, code=code, zh=chinese()), content_type="image/jpeg"
    )
    answer.headers["Cache-Control"] = "private, max-age=600"
    return answer


@router.get("/bindings", response=answers.answers(BoundBuyers))
def bound(request: HttpRequest, before: Before = "", limit: Limit = 20, party: PartyNo = "") -> object:
    """List buyers who are or were bound to the promoter, masked."""
    promoter_id = seat(request, PartyKind.PROMOTER, party).party.id
    before_id = decoded(before) if before else None
    found = attribution.bindings(at=clock.now(), promoter_id=promoter_id, before_id=before_id, limit=limit)
    shops, names = parties.refs({one.merchant_id for one in found}), people.refs({one.buyer_id for one in found})
    items = [
        _plain(one)
        | {
            "buyer": masked_name(names[one.buyer_id].nickname if one.buyer_id in names else ""),
            "shop": shops[one.merchant_id],
        }
        for one in found
    ]
    return {"items": items, "next": encoded(found[-1].binding_id if len(found) == limit else None)}


@buyers.get("/bindings", response=answers.answers(BoundTos))
def mine(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List at which shops the person is or was bound to a promoter, who earns where no other promotion led there."""
    before_id = decoded(before) if before else None
    found = attribution.bindings(at=clock.now(), buyer_id=person(request).id, before_id=before_id, limit=limit)
    known = parties.refs({id_ for one in found for id_ in (one.merchant_id, one.promoter_id)})
    items = [
        _plain(one) | {"shop": known[one.merchant_id], "promoter": masked_name(known[one.promoter_id].name)}
        for one in found
    ]
    return {"items": items, "next": encoded(found[-1].binding_id if len(found) == limit else None)}


@buyers.delete("/bindings/{shop_no}", response=answers.answers(BoundTos))
def release(request: HttpRequest, shop_no: Number) -> object:
    """Give up being bound at a shop; for orders from now on it has run out."""
    release_bindings.release_by_buyer(merchant_no=shop_no, buyer_id=person(request).id, now=clock.now())
    return mine(request)


def _plain(one: BindingShown) -> dict[str, Any]:
    return {
        "bound_at": one.bound_at,
        "until": one.until,
        "released_at": one.released_at,
        "released_by": one.released_by,
        "holds": one.holds,
    }


def _branch(one: Branch) -> dict[str, Any]:
    node, lately = one.node, one.lately
    return {
        "no": node.no,
        "name": node.name,
        "since": node.since,
        "state": node.state,
        "recruits": node.recruits,
        "grade": one.grade,
        "orders": lately.orders,
        "sales_fen": lately.paid_fen,
        "refunded_fen": lately.refunded_fen,
    }


def _link(one: RecruitLinkShown) -> dict[str, Any]:
    return {
        "code": one.code,
        "note": one.note,
        "address": recruit_promoters.address(one.code),
        "made_at": one.made_at,
        "open": one.closed_at is None,
    }
