"""Parties and what hangs on them. `Party.id` is the merchant's, promoter's and leader's id everywhere."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate


class Party(models.Model):
    """A merchant, promoter, leader or the operator. `admins` counts the seats besides the super administrator's."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    certified_as = models.CharField(max_length=12, default="")
    certified_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    suspended_reason = models.CharField(max_length=200, default="")
    admins = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "parties_party"
        indexes = [
            # Promoters found by how their name begins, however many there are.
            models.Index(
                Collate("name", "C"), F("id"), condition=Q(kind="promoter"), name="parties_party_promoter_name"
            )
        ]
        constraints = [
            models.CheckConstraint(name="parties_party_admins", condition=Q(admins__gte=0, admins__lte=100)),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="operator"), name="parties_party_one_operator"),
        ]


def functions_of_a_new_shop() -> list[str]:
    """Return the mall functions that are on in a shop which has switched nothing (docs/rules.md §10)."""
    return ["coupons", "reviews"]


class Merchant(models.Model):
    """A shop. `opened_from` is the midnight at which the alliance opened for it; `prepaid_short_since` says since when
    its prepaid balance can't pay (external shops). `main_category_id` is what it said that it mainly sells."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True, related_name="merchant")
    source = models.CharField(max_length=12)
    subject_kind = models.CharField(max_length=12)
    appid = models.CharField(max_length=32, default="")
    opened_from = models.DateTimeField(null=True)
    closed_from = models.DateTimeField(null=True)
    prepaid_short_since = models.DateTimeField(null=True)
    binding_mode = models.CharField(max_length=8, default="off")
    binding_days = models.SmallIntegerField(default=0)
    functions = ArrayField(models.CharField(max_length=16), default=functions_of_a_new_shop)
    main_category_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "parties_merchant"
        constraints = [
            models.UniqueConstraint(fields=["appid"], condition=~Q(appid=""), name="parties_merchant_appid_once")
        ]


class Promoter(models.Model):
    """A promoter. `recruiter` is who brought them in; `line` lists the recruiters above, nearest first.

    `standing` is `joining` until it is let in, `active`, `retired` or `banned`; frozen is an active one whose party is
    suspended.
    """

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True, related_name="promoter")
    subject_kind = models.CharField(max_length=12)
    recruiter = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="recruits", db_index=False)
    recruited_at = models.DateTimeField(null=True)
    line = ArrayField(models.BigIntegerField(), default=list)
    standing = models.CharField(max_length=8, default="active")

    class Meta:
        db_table = "parties_promoter"
        indexes = [
            GinIndex(fields=["line"], name="parties_promoter_line"),
            models.Index(fields=["recruiter", "party"], name="parties_promoter_recruits"),
        ]
        constraints = [
            models.CheckConstraint(
                name="parties_promoter_standing",
                condition=Q(standing__in=["joining", "active", "retired", "banned"]),
            ),
            models.CheckConstraint(
                name="parties_promoter_not_own_recruiter", condition=Q(recruiter=None) | ~Q(recruiter=F("party"))
            ),
            models.CheckConstraint(name="parties_promoter_not_in_line", condition=~Q(line__contains=[F("party")])),
        ]


class LineChange(models.Model):
    """A promoter came under another recruiter, or under none: at which instant, by whom, and why. Never backwards in
    time: no row of a promoter is earlier than the one before."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    nth = models.IntegerField()
    giver = models.ForeignKey(Promoter, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    taker = models.ForeignKey(Promoter, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "parties_line_change"
        constraints = [
            models.UniqueConstraint(fields=["promoter", "nth"], name="parties_line_change_once"),
            models.CheckConstraint(
                name="parties_line_change_not_itself",
                condition=(Q(giver=None) | ~Q(giver=F("promoter"))) & (Q(taker=None) | ~Q(taker=F("promoter"))),
            ),
        ]


class Leader(models.Model):
    """A leader (团长)."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True, related_name="leader")

    class Meta:
        db_table = "parties_leader"


class Certification(models.Model):
    """One application to prove identity; documents and names are sealed together as one JSON text.

    `phone_index` is the blind index of the phone number given with it, for the self-purchase rule.
    """

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    no = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12)
    sealed = models.BinaryField()
    phone_index = models.BinaryField(max_length=32, null=True)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=200, default="")
    filed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "parties_certification"
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(state="filed"), name="parties_certification_one_open")
        ]


class Seat(models.Model):
    """A person's place in a party. Exactly one active super administrator; removed seats stay as history."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    person_id = models.BigIntegerField()
    role = models.CharField(max_length=16)
    since = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "parties_seat"
        indexes = [models.Index(fields=["person_id"], condition=Q(removed_at=None), name="parties_seat_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "person_id"], condition=Q(removed_at=None), name="parties_seat_once"
            ),
            models.UniqueConstraint(
                fields=["party"], condition=Q(role="super_admin", removed_at=None), name="parties_seat_one_super"
            ),
        ]


class Invitation(models.Model):
    """A seat offered to whoever has a phone number: the number's blind index finds it, `shown` is the number masked."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=24, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    phone_index = models.BinaryField(max_length=32)
    shown = models.CharField(max_length=20)
    role = models.CharField(max_length=16)
    state = models.CharField(max_length=12)
    invited_by = models.BigIntegerField()
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    person_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "parties_invitation"
        indexes = [
            models.Index(fields=["party", "-id"], name="parties_invitation_party"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["phone_index", "party"], condition=Q(state="open"), name="parties_invitation_one_open"
            )
        ]


class Credential(models.Model):
    """AppID and sealed AppSecret of a party's open API. The secret was shown once."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True, related_name="+")
    appid = models.CharField(max_length=32, unique=True)
    sealed_secret = models.BinaryField(null=True)
    secret_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "parties_credential"


class BankAccount(models.Model):
    """Where a party's withdrawals go: one active row a party; a change is a new row, usable after the cool-down."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    rail = models.CharField(max_length=12)
    row_key = models.CharField(max_length=24, unique=True)
    sealed = models.BinaryField()
    tail = models.CharField(max_length=8)
    bank = models.CharField(max_length=60, default="")
    verified_at = models.DateTimeField(null=True)
    usable_from = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "parties_bank_account"
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(replaced_at=None), name="parties_bank_account_one")
        ]
