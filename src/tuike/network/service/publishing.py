"""The operator's form: each edition is a row, the latest one is in force."""

import json
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.network import queries, rules
from tuike.network.types import FormShown, NewForm
from tuike.settings import service as settings

_LOCK = 7_310
_COLUMNS = {
    "edition": "integer",
    "needed": "boolean",
    "title": "text",
    "fields": "jsonb",
    "rules": "jsonb",
    "real_name": "boolean",
    "deposit_fen": "bigint",
    "purchases_fen": "bigint",
    "reapply_days": "smallint",
    "auto_pass": "boolean",
    "law_noted": "boolean",
    "published_at": "timestamptz",
    "published_by": "bigint",
}


@transaction.atomic
def publish_form(*, form: NewForm, actor: Actor, now: datetime) -> FormShown:
    """Put an edition of the form in force; applications under review keep theirs. Audited.

    Raises:
        Invalid: a field, a rule or a number that makes no sense.
        TiersWithThreshold: a threshold of money beside several paid tiers, without the law's note.
    """
    _lock()
    rules.check_form(form, paid_tiers=settings.get("max_paid_tiers"))
    last = queries.form_in_force()
    edition = last.edition + 1 if last else 1
    kept = rules.form_as_kept(form)
    row = kept | {"edition": edition, "published_at": now, "published_by": actor.person_id}
    row |= {name: json.dumps(kept[name], ensure_ascii=False) for name in ("fields", "rules")}
    rows.insert("network_form", _COLUMNS, [tuple(row[name] for name in _COLUMNS)])
    facts = {name: kept[name] for name in ("needed", "real_name", "deposit_fen", "purchases_fen", "law_noted")}
    audit.record(actor=actor, action="network.publish_form", object_=str(edition), facts=facts, now=now)
    made = queries.form_in_force()
    assert made is not None
    return made


def check_paid_tiers(*, most: int) -> None:
    """Refuse that more tiers are paid than the form in force allows beside its thresholds, in the transaction that
    would pay them; no form is published meanwhile.

    Raises:
        TiersWithThreshold: see docs/rules.md §11.
    """
    _lock()
    found = queries.form_in_force()
    if found is not None:
        rules.check_tiers(found.form, paid_tiers=most)


def _lock() -> None:
    rows.query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
