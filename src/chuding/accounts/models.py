from __future__ import annotations

import secrets
from typing import ClassVar, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chuding.storage.fields import EncryptedTextField


def new_ref() -> str:
    """An opaque name for a person: 128 random bits, says nothing, fits into a URL."""
    return secrets.token_urlsafe(16)


class PersonManager(BaseUserManager["Person"]):
    """Looks people up; making them is a service's work (`services.redeem_code`, `services.add_person`)."""


class Person(AbstractBaseUser):
    """Anyone who can sign in. The phone is the way in, not the name: it is stored encrypted, with a blind index."""

    # Django would write this at every sign-in; the ledger already says it, with the time of the right clock.
    last_login = None

    ref = models.CharField(max_length=32, unique=True, default=new_ref, editable=False)
    phone = cast("models.Field[str, str]", EncryptedTextField())
    phone_index = models.CharField(max_length=64, unique=True)
    display_name = cast("models.Field[str, str]", EncryptedTextField(blank=True, default=""))
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "ref"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("人员")

    def __str__(self) -> str:
        return self.ref


class Employer(models.Model):
    """A unit that people work for. Until an office has verified it, it can endorse nothing."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("企业")
        PUBLIC_INSTITUTION = "public_institution", _("事业单位")
        AGENCY = "agency", _("人事代理机构")
        ASSOCIATION = "association", _("社会团体")

    name = models.CharField(max_length=120)
    uscc = models.CharField(max_length=18, unique=True)
    kind = models.CharField(max_length=24, choices=Kind.choices)
    district = models.CharField(max_length=60, blank=True, default="")
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("单位")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name"], name="employer_by_name"),
            models.Index(fields=["name"], condition=models.Q(kind="agency"), name="agency_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def speaks_for_freelancers(self) -> bool:
        """Whether the people on its list work for themselves (notice 一（一）): it gives its word and is not their employer."""
        return self.kind == self.Kind.AGENCY


class EmployerClerk(models.Model):
    """Someone who acts for a unit (经办人)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="clerkships")
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="clerks")
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("单位经办人")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "employer"], name="one_clerkship_each"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.employer_id}"


class OfficeRole(models.Model):
    """What someone does in one of the two offices."""

    class Office(models.TextChoices):
        ASSOCIATION = "association", _("协会")
        CITY = "city", _("市职称办")

    class Duty(models.TextChoices):
        REVIEWER = "reviewer", _("审核")
        LEAD = "lead", _("审核组长")
        RECHECKER = "rechecker", _("复核")
        SIGNER = "signer", _("签发")
        DRAFTER = "drafter", _("拟稿、核稿")
        ADMINISTRATOR = "administrator", _("管理")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="office_roles")
    office = models.CharField(max_length=16, choices=Office.choices)
    role = models.CharField(max_length=16, choices=Duty.choices)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("岗位")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "office", "role"], name="one_office_role_each"),
            # Reviewing and rechecking are the association's work (notice 五、七); the city office writes and signs.
            models.CheckConstraint(
                condition=Q(office="association") | Q(role__in=["signer", "drafter", "administrator"]),
                name="city_office_signs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.office} {self.role}"


class Delegation(models.Model):
    """A duty lent to a colleague for the days of an absence, both ends included."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    delegate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    office = models.CharField(max_length=16)
    role = models.CharField(max_length=16)
    first = models.DateField()
    last = models.DateField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("代办")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["delegate", "last"], name="delegations_running")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(last__gte=models.F("first")), name="delegation_has_days"),
            models.CheckConstraint(condition=~Q(person=models.F("delegate")), name="delegation_is_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.delegate_id}: {self.office} {self.role}"


class Consent(models.Model):
    """One consent to one purpose, with the digest of the very words that were shown (PIPL 14, 29)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=24)
    text_version = models.CharField(max_length=16)
    text_digest = models.CharField(max_length=64)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("同意")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "purpose", "text_digest"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_standing_consent_each",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.purpose}"


class SignInCode(models.Model):
    """A code on its way to a phone. Only its keyed hash is kept, bound to session, purpose and phone."""

    phone = cast("models.Field[str, str]", EncryptedTextField())
    phone_index = models.CharField(max_length=64)
    session_hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=24)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("验证码")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["phone_index", "session_hash", "purpose"], name="code_by_binding"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.sent_at:%F %T}"


class HandOver(models.Model):
    """A way for one person to go on at another device: ten minutes, once. Only keyed hashes of address and code are kept."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("接力")

    def __str__(self) -> str:
        return f"{self.person_id} {self.made_at:%F %T}"


class Throttle(models.Model):
    """When something was last tried, under a blind index: the rows behind `limits`."""

    key = models.CharField(max_length=64, unique=True)
    marks = models.JSONField(default=list)
    touched_at = models.DateTimeField()

    class Meta:
        verbose_name = _("次数限制")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["touched_at"], name="throttle_by_age")]

    def __str__(self) -> str:
        return self.key[:8]


class Tally(models.Model):
    """How often something happened on a day, and nothing about who: what statistics are made of."""

    day = models.DateField()
    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=60)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("计数")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "day", "key"], name="one_tally_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.key}: {self.number}"


class Authenticator(models.Model):
    """Somebody's second factor: the secret that their phone's authenticator shares with us (TOTP, RFC 6238)."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="authenticator")
    secret = cast("models.Field[str, str]", EncryptedTextField())
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # The time step of the last code that counted: this one and all before it count no more.
    last_step = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("动态码验证器")

    def __str__(self) -> str:
        return f"{self.person_id}: {'confirmed' if self.confirmed_at else 'begun'}"


class RecoveryCode(models.Model):
    """A code on paper that stands in once for a lost phone. Only its keyed hash is kept."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("恢复码")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "code_hash"], name="one_recovery_code_each"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {'used' if self.used_at else 'open'}"


class Visit(models.Model):
    """One session as its person sees it: on which device, since when; so that they can end it from another."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=60)
    began_at = models.DateTimeField()

    class Meta:
        verbose_name = _("登录")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["began_at"], name="visit_by_beginning")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.began_at:%F %T}"
