"""A leader runs activities: drafted, published, changed, closed with every cooperation in them, deleted (§9)."""

from tuike.cooperation import queries as cooperation_of
from tuike.cooperation import service as cooperation
from tuike.cooperation.types import ActivityChange, ActivityShown, NewActivity
from tuike.db.retry import retry
from tuike.flows.cooperating import once
from tuike.flows.target_promoters import By
from tuike.plans import service as plans


@retry
def create_activity(*, activity: NewActivity, by: By) -> ActivityShown:
    """Write a draft; the same key again gives the same one.

    Raises:
        Invalid, PeriodInPast: see cooperation.create_activity. CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, str]:
        return {
            "no": cooperation.create_activity(leader_id=by.party_id, activity=activity, actor=by.actor, now=by.now).no
        }

    made = once(by, "create_activity", activity, work)
    return cooperation_of.activity_of(leader_id=by.party_id, no=made["no"])


@retry
def change_activity(*, no: str, change: ActivityChange, by: By) -> ActivityShown:
    """Change a published activity.

    Raises:
        NotFound, ActivityNotPublished, Invalid: see cooperation.change_activity.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, str]:
        cooperation.change_activity(leader_id=by.party_id, no=no, change=change, actor=by.actor, now=by.now)
        return {}

    once(by, "change_activity", [no, change], work)
    return cooperation_of.activity_of(leader_id=by.party_id, no=no)


@retry
def change_draft(*, no: str, activity: NewActivity, by: By) -> ActivityShown:
    """Write a draft anew.

    Raises:
        NotFound, ActivityNotDraft, Invalid, PeriodInPast: see cooperation.change_draft.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, str]:
        cooperation.change_draft(leader_id=by.party_id, no=no, activity=activity, actor=by.actor, now=by.now)
        return {}

    once(by, "change_draft", [no, activity], work)
    return cooperation_of.activity_of(leader_id=by.party_id, no=no)


@retry
def publish_activity(*, no: str, by: By) -> ActivityShown:
    """Open a draft for shops' products.

    Raises:
        NotFound, ActivityNotDraft, PeriodInPast, NotCertified, Suspended: see cooperation.publish_activity.
        CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, str]:
        cooperation.publish_activity(leader_id=by.party_id, no=no, actor=by.actor, now=by.now)
        return {}

    once(by, "publish_activity", [no], work)
    return cooperation_of.activity_of(leader_id=by.party_id, no=no)


@retry
def close_activity(*, no: str, by: By) -> ActivityShown:
    """Close an activity at once: every cooperation in it ends now, and so do their rates.

    Raises:
        NotFound, ActivityNotPublished: see cooperation.close_activity. CooperationClosed, KeyMalformed,
        KeyUsedForOther.
    """

    def work() -> dict[str, str]:
        ended = cooperation.close_activity(leader_id=by.party_id, no=no, actor=by.actor, now=by.now)
        plans.end_enrolment(enrolment_ids=ended, at=by.now)
        return {}

    once(by, "close_activity", [no], work)
    return cooperation_of.activity_of(leader_id=by.party_id, no=no)


@retry
def delete_activity(*, no: str, by: By) -> None:
    """Take a draft or a closed activity off the list.

    Raises:
        NotFound, ActivityNotDraft: see cooperation.delete_activity. CooperationClosed, KeyMalformed, KeyUsedForOther.
    """

    def work() -> dict[str, str]:
        cooperation.delete_activity(leader_id=by.party_id, no=no, actor=by.actor, now=by.now)
        return {}

    once(by, "delete_activity", [no], work)
