"""Material: what a promoter hands out for products and shops at its places (docs/rules.md §4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from tuike.apps.types import Scope
from tuike.attribution import service as attribution
from tuike.attribution.types import ShareKind, Surface
from tuike.doors.openapi.callers import Needs, party_id
from tuike.doors.openapi.keys import once
from tuike.doors.openapi.kinds import REFUSED, Body, IdempotencyKey, Number, answers
from tuike.flows import make_material, promote_products
from tuike.kit import clock
from tuike.kit.errors import Invalid
from tuike.kit.ids import random_code
from tuike.parties.types import PartyKind

router = Router(tags=["material"])
MOST_AT_ONCE = 20
_Numbers = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z]+$")]],
    Field(max_length=MOST_AT_ONCE),
]


class Wish(Body):
    """What material is wanted: products and whole shops by number, at most 20 together, at one place."""

    pid: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[0-9A-Za-z]+$")]
    products: _Numbers = Field(default_factory=list)
    shops: _Numbers = Field(default_factory=list)
    activity: Annotated[str, StringConstraints(max_length=24, pattern=r"^[0-9A-Za-z]*$")] = Field(
        "", description="The number of a leader's activity that all these products are in; none: ordinary material."
    )
    customize_info: Annotated[str, StringConstraints(max_length=80)] = Field(
        "", description="Your own mark, up to 80 characters; orders that come by the material carry it."
    )


class MaterialShown(Schema):
    """Material for one target. `url_link` and `tag` are WeChat's, empty where it hasn't made them or never does."""

    code: str
    ticket: str
    short_link: str
    path: str
    url_link: str
    tag: str
    wording: str
    title: str
    shop: str
    source: str
    appid: str
    price_fen: int | None
    picture: str
    expires_at: datetime


class Materials(Schema):
    """Material, and by name what WeChat couldn't give now (`url_link`, `tag`): show it again later."""

    items: list[MaterialShown]
    missing: list[str]


@router.post("/materials", response=answers(Materials, 201), auth=Needs(Scope.MATERIAL_WRITE, PartyKind.PROMOTER))
def make_materials(request: HttpRequest, body: Wish, key: IdempotencyKey) -> object:
    """Make material at a place. The rules of each product's source must have been accepted."""
    if not body.customize_info.isprintable():
        raise Invalid(field="customize_info", reason_zh="含有不可见字符", reason_en="has invisible characters")
    promoter_id, now = party_id(request), clock.now()

    def work() -> dict[str, Any]:
        targets = promote_products.targets_of(product_nos=body.products, shop_nos=body.shops)
        made = promote_products.promote_targets(
            promoter_id=promoter_id,
            pid=body.pid,
            targets=promote_products.led_by(body.activity, targets, promoter_id=promoter_id, now=now),
            customize_info=body.customize_info,
            key=key,
            now=now,
        )
        return _shown(made.items, made.missing)

    return once(request, key, Materials, work, status=201)


@router.get("/materials/{code}", response=answers(Materials), auth=Needs(Scope.MATERIAL_WRITE, PartyKind.PROMOTER))
def show_material(request: HttpRequest, code: Number) -> object:
    """Show material again, with what WeChat couldn't give before."""
    made = make_material.material_of(promoter_id=party_id(request), code=code, now=clock.now())
    return _shown(made.items, made.missing)


@router.get(
    "/materials/{code}/image",
    response=REFUSED,
    openapi_extra={"responses": {200: {"description": "The mini-program code", "content": {"image/png": {}}}}},
    auth=Needs(Scope.MATERIAL_WRITE, PartyKind.PROMOTER),
)
def show_material_image(request: HttpRequest, code: Number) -> HttpResponse:
    """Return the mini-program code of material of a shop of the mall."""
    picture = make_material.code_image(promoter_id=party_id(request), code=code)
    attribution.record_share(
        promoter_id=party_id(request),
        code=code,
        kind=ShareKind.CODE,
        surface=Surface.API,
        key=f"api-{random_code(24)}",  # a download carries no key: each one counts
        now=clock.now(),
    )
    kind = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    answer = HttpResponse(picture, content_type=kind)
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def _shown(items: Sequence[make_material.Material], missing: Sequence[str]) -> dict[str, Any]:
    same = ("short_link", "path", "url_link", "tag", "wording", "title", "shop", "appid", "price_fen", "picture")
    shown = [
        {name: getattr(one, name) for name in same}
        | {
            "code": one.link.code,
            "ticket": one.link.ticket,
            "expires_at": one.link.expires_at,
            "source": one.source.value,
        }
        for one in items
    ]
    return {"items": shown, "missing": list(missing)}
