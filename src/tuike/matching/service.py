"""Requests published and closed; cards written, listed, counted."""

from datetime import datetime

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number
from tuike.matching import queries, rules
from tuike.matching.models import DirectoryCard, PromotionRequest
from tuike.matching.types import BelowLevel, CardShown, NewRequest, RequestOpenAlready, RequestOver, RequestShown
from tuike.plans.types import PlanOver, TargetedPlanShown

BATCH = 500
"""Cards that are counted in one transaction."""


@transaction.atomic
def publish(*, plan: TargetedPlanShown, request: NewRequest, actor: Actor, now: datetime) -> RequestShown:
    """Publish a request for promoters for a targeted plan: one open at a time.

    Raises:
        Invalid: title, text, min_level, category_ids, open_until. PlanOver: the plan has ended.
        RequestOpenAlready: the plan has one.
    """
    _check(plan, request, now)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('matching_request', 'id'))")[0][0]
    no = number("Q", id_, now)
    try:
        with transaction.atomic():
            PromotionRequest.objects.create(
                id=id_,
                no=no,
                plan_id=plan.plan_id,
                merchant_id=plan.merchant_id,
                title=request.title.strip(),
                text=request.text.strip(),
                min_level=request.min_level,
                category_ids=sorted(set(request.category_ids)),
                open_until=request.open_until,
                created_at=now,
            )
    except IntegrityError as error:
        raise RequestOpenAlready from error
    audit.record(actor=actor, action="request.publish", object_=no, facts={"plan": plan.no}, now=now)
    return queries.request_by_no(no)


@transaction.atomic
def close(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> RequestShown:
    """Take no more applications; those that came stay with the plan.

    Raises:
        NotFound: not a request of the shop. RequestOver: it was closed before.
    """
    queries.request_of(merchant_id=merchant_id, no=no)
    if not rows.run("UPDATE matching_request SET closed_at = %s WHERE no = %s AND closed_at IS NULL", [now, no]):
        raise RequestOver
    audit.record(actor=actor, action="request.close", object_=no, facts={}, now=now)
    return queries.request_by_no(no)


def check_application(*, request: RequestShown, promoter_id: int, now: datetime) -> None:
    """Refuse an application that the request doesn't take.

    Raises:
        RequestOver: it takes no more. BelowLevel: the promoter's level is below what is asked for.
    """
    if not request.open(now):
        raise RequestOver
    level, _ = queries.standing(promoter_id=promoter_id, now=now) if request.min_level else (0, None)
    if level < request.min_level:
        raise BelowLevel(least=request.min_level, level=level)


@transaction.atomic
def write_card(
    *, promoter_id: int, listed: bool, name: str, intro: str, category_ids: tuple[int, ...], actor: Actor, now: datetime
) -> CardShown:
    """Write a promoter's card and say whether shops may find it: its consent, given or taken back at once. Audited.

    Raises:
        Invalid, ContactInCard: see `rules.check_card`. NotFound: what is no category of the first level.
    """
    name, intro = name.strip(), intro.strip()
    rules.check_card(name=name, intro=intro, category_ids=category_ids)
    if not _roots().issuperset(category_ids):
        raise NotFound
    level, conversion = queries.standing(promoter_id=promoter_id, now=now)
    DirectoryCard.objects.update_or_create(
        promoter_id=promoter_id,
        defaults={
            "listed": listed,
            "name": name,
            "intro": intro,
            "category_ids": sorted(set(category_ids)),
            "level": level,
            "conversion_bps": conversion,
            "counted_at": now,
            "changed_at": now,
        },
    )
    facts = {"promoter": promoter_id, "listed": listed}
    audit.record(actor=actor, action="directory.card", object_=str(promoter_id), facts=facts, now=now)
    found = queries.card_of(promoter_id=promoter_id)
    assert found is not None
    return found


@transaction.atomic
def count_cards(*, before: datetime, now: datetime) -> int:
    """Count the figures of up to `BATCH` listed cards that were last counted before `before`; return how many."""
    due = rows.query(
        "SELECT promoter_id FROM matching_card WHERE listed AND counted_at < %s ORDER BY promoter_id LIMIT %s"
        " FOR UPDATE SKIP LOCKED",
        [before, BATCH],
    )
    counted = [(promoter_id, *queries.standing(promoter_id=promoter_id, now=now)) for (promoter_id,) in due]
    rows.run(
        "UPDATE matching_card c SET level = n.level, conversion_bps = n.conversion, counted_at = %s"
        " FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS n (promoter_id, level, conversion)"
        " WHERE c.promoter_id = n.promoter_id",
        [now, *(list(values) for values in zip(*counted, strict=True))] if counted else [now, [], [], []],
    )
    return len(counted)


def _roots() -> set[int]:
    """Return the categories that requests and cards speak of: the widest ones."""
    return {node.category_id for node in catalog.categories() if len(node.path) == 1}


def _check(plan: TargetedPlanShown, request: NewRequest, now: datetime) -> None:
    if plan.over(now):
        raise PlanOver
    if not 1 <= len(request.title.strip()) <= 40:
        raise Invalid(field="title", reason_zh="标题须为 1 到 40 个字符", reason_en="a title has 1 to 40 characters")
    if len(request.text.strip()) > 500:
        raise Invalid(field="text", reason_zh="最多 500 个字符", reason_en="at most 500 characters")
    if not 0 <= request.min_level <= len(rules.LEVELS_FEN):
        raise Invalid(field="min_level", reason_zh="请选择等级", reason_en="choose a level")
    if not now < request.open_until <= plan.until():
        raise Invalid(
            field="open_until", reason_zh="须晚于现在且不晚于计划结束", reason_en="after now, not after the plan's end"
        )
    if request.category_ids and not _roots().issuperset(request.category_ids):
        raise Invalid(field="category_ids", reason_zh="类目不存在", reason_en="no such category")
