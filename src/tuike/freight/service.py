"""Changes of freight templates and of which product is sent under which."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.freight import queries, rules
from tuike.freight.models import Row, Template
from tuike.freight.types import MostTemplates, NewTemplate, TemplateNameTaken, TemplateShown, TemplateUsed
from tuike.kit.errors import NotFound
from tuike.kit.ids import number


@transaction.atomic
def add_template(*, merchant_id: int, terms: NewTemplate, actor: Actor, now: datetime) -> TemplateShown:
    """Make a template of a shop; its first one becomes the default (docs/rules.md §5). Audited.

    Raises:
        Invalid: what makes no sense; see rules.check.
        TemplateNameTaken: the shop has one of this name.
        MostTemplates: the shop has as many as a shop may have.
    """
    rules.check(terms, queries.deliverable_codes())
    there = rows.query("SELECT id FROM freight_template WHERE merchant_id = %s FOR UPDATE", [merchant_id])
    if len(there) >= rules.MAX_TEMPLATES:
        raise MostTemplates(most=rules.MAX_TEMPLATES)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('freight_template', 'id'))")[0][0]
    made = Template(
        id=id_,
        no=number("F", id_, now),
        merchant_id=merchant_id,
        name=terms.name.strip(),
        basis=terms.basis.value,
        not_to=list(terms.not_to),
        default=not there,
        created_at=now,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise TemplateNameTaken(name=terms.name.strip()) from error
    _put_rows(id_, terms)
    audit.record(actor=actor, action="freight.add", object_=made.no, facts=_facts(terms), now=now)
    return queries.own_template(merchant_id=merchant_id, no=made.no)


@transaction.atomic
def change_template(*, merchant_id: int, no: str, terms: NewTemplate, actor: Actor, now: datetime) -> TemplateShown:
    """Let a template be what is given; orders placed before keep their freight. Audited with what it was.

    Raises:
        NotFound: no such template, or another shop's.
        Invalid, TemplateNameTaken: see add_template.
    """
    rules.check(terms, queries.deliverable_codes())
    was = _locked(merchant_id, no)
    try:
        with transaction.atomic():
            Template.objects.filter(id=was.template_id).update(
                name=terms.name.strip(), basis=terms.basis.value, not_to=list(terms.not_to), updated_at=now
            )
    except IntegrityError as error:
        raise TemplateNameTaken(name=terms.name.strip()) from error
    Row.objects.filter(template_id=was.template_id).delete()
    _put_rows(was.template_id, terms)
    facts = {"from": _facts(was.terms), "to": _facts(terms)}
    audit.record(actor=actor, action="freight.change", object_=no, facts=facts, now=now)
    return queries.own_template(merchant_id=merchant_id, no=no)


@transaction.atomic
def delete_template(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> None:
    """Remove a template that nothing is sent under. Audited.

    Raises:
        NotFound: no such template, or another shop's.
        TemplateUsed: the default one, or one that products name.
    """
    was = _locked(merchant_id, no)
    if was.default or was.products:
        raise TemplateUsed(products=was.products)
    Row.objects.filter(template_id=was.template_id).delete()
    Template.objects.filter(id=was.template_id).delete()
    audit.record(actor=actor, action="freight.delete", object_=no, facts=_facts(was.terms), now=now)


@transaction.atomic
def set_default(*, merchant_id: int, no: str, default: bool, actor: Actor, now: datetime) -> None:
    """Let a template be the one for products that name none, or let there be no such one: those are sent free. Audited.

    Raises:
        NotFound: no such template, or another shop's.
    """
    was = _locked(merchant_id, no)
    Template.objects.filter(merchant_id=merchant_id, default=True).exclude(id=was.template_id).update(default=False)
    Template.objects.filter(id=was.template_id).update(default=default, updated_at=now)
    audit.record(actor=actor, action="freight.default", object_=no, facts={"default": default}, now=now)


@transaction.atomic
def assign(*, merchant_id: int, product_nos: Sequence[str], template_no: str, actor: Actor, now: datetime) -> None:
    """Let products name a template, or ("") none: the shop's default then. Audited where something changes.

    Raises:
        NotFound: a product or a template that isn't the shop's.
    """
    products = catalog.own_ids(merchant_id=merchant_id, product_nos=product_nos)
    if len(products) < len(set(product_nos)):
        raise NotFound
    ids = sorted(products.values())
    if template_no:
        template = _locked(merchant_id, template_no)
        moved = rows.query(
            """
            INSERT INTO freight_assignment (product_id, template_id) SELECT unnest(%s::bigint[]), %s
            ON CONFLICT (product_id) DO UPDATE SET template_id = excluded.template_id
            WHERE freight_assignment.template_id <> excluded.template_id RETURNING product_id
            """,
            [ids, template.template_id],
        )
    else:
        moved = rows.query("DELETE FROM freight_assignment WHERE product_id = ANY(%s) RETURNING product_id", [ids])
    changed = {product_id for (product_id,) in moved}
    acts = [(no, {"template": template_no}) for no, id_ in products.items() if id_ in changed]
    audit.record_many(actor=actor, action="freight.assign", acts=acts, now=now)


def _locked(merchant_id: int, no: str) -> TemplateShown:
    """Lock a shop's templates, so that its default, names and uses stand still, and return one of them."""
    rows.query("SELECT id FROM freight_template WHERE merchant_id = %s ORDER BY id FOR UPDATE", [merchant_id])
    return queries.own_template(merchant_id=merchant_id, no=no)


def _put_rows(template_id: int, terms: NewTemplate) -> None:
    Row.objects.bulk_create(
        Row(
            template_id=template_id,
            position=i,
            regions=list(row.regions),
            first_units=row.first_units,
            first_fen=row.first_fen,
            next_units=row.next_units,
            next_fen=row.next_fen,
            free_from_fen=row.free_from_fen,
            free_from_pieces=row.free_from_pieces,
        )
        for i, row in enumerate(terms.rows)
    )


def _facts(terms: NewTemplate) -> dict[str, object]:
    return {
        "name": terms.name.strip(),
        "basis": terms.basis.value,
        "not_to": list(terms.not_to),
        "rows": [
            {
                "regions": list(row.regions),
                "first": [row.first_units, row.first_fen],
                "next": [row.next_units, row.next_fen],
                "free_from": [row.free_from_fen, row.free_from_pieces],
            }
            for row in terms.rows
        ],
    }
