"""One person's file and what belongs to it.

Facts keep the names that the law engine uses (policy.facts); None is "not stated" and is never read as no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chuding.accounts.models import Employer, Person
from chuding.accounts.roles import Role
from chuding.applications import aftercare_models as _aftercare  # noqa: F401 - Django looks for models in this module
from chuding.applications import finding_models as _finding  # noqa: F401 - Django looks for models in this module
from chuding.applications.aside import models as _aside  # noqa: F401 - Django looks for models in this module
from chuding.applications.education_choices import Degree, Schooling, StudyMode
from chuding.applications.photos import models as _photos  # noqa: F401 - and for these
from chuding.applications.readings import models as _readings  # noqa: F401 - and for these
from chuding.applications.reviewing import models as _reviewing  # noqa: F401 - and for these
from chuding.applications.roster import models as _roster  # noqa: F401 - Django looks for models in this module
from chuding.applications.units import models as _units  # noqa: F401 - and for these
from chuding.applications.workflow import JUNIOR_LEVELS, LIVE, State
from chuding.storage.fields import EncryptedTextField
from chuding.storage.tokens import new_ref

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Identity(models.TextChoices):
    MAINLAND = "mainland", "内地居民"
    HK_MACAU_TAIWAN = "hk_macau_taiwan", "港澳台居民"
    FOREIGN = "foreign", "外籍人员"


class Permit(models.TextChoices):
    NONE = "none", "都没有"
    FOREIGN_WORK_PERMIT = "foreign_work_permit", "外国人来华工作许可证"
    FOREIGN_PERMANENT_RESIDENCE = "foreign_permanent_residence", "外国人永久居留身份证"
    JIANGSU_OVERSEAS_TALENT = "jiangsu_overseas_talent", "江苏省海外高层次人才居住证"


# What stands in place of a unit's name where there is none. It is nobody's unit, so nobody's colleague is found by it.
NO_UNIT = "自由职业"


class Engagement(models.TextChoices):
    EMPLOYMENT_CONTRACT = "employment_contract", "与用人单位签了劳动（聘用）合同"
    FREELANCE = "freelance", NO_UNIT
    NONE = "none", "目前没有就业"


class Sex(models.TextChoices):
    MALE = "男", "男"
    FEMALE = "女", "女"


class HeldTitle(models.TextChoices):
    NONE = "none", "没有职称"
    TECHNICIAN = "员级", "员级职称"
    ASSISTANT = "助理级", "助理级职称"
    INTERMEDIATE = "中级", "中级职称"


class SocialInsuranceState(models.TextChoices):
    NOT_ASKED = "not_asked", "尚未查询"
    FOUND = "found", "已查到缴费记录"
    NOT_FOUND = "not_found", "未查到缴费记录"
    NO_ANSWER = "no_answer", "查询系统没有答复"


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, person: Person, roles: Iterable[Role]) -> Self:
        """The files this person may see: own, own staff's after submission, and an office's by its stage.

        The one question of access (house rules): every view starts from it, so a stranger gets 404.
        """
        roles = frozenset(roles)
        mine = Q(applicant=person)
        if Role.EMPLOYER_CLERK in roles:
            employers = Employer.objects.filter(clerks__person=person, clerks__active=True, verified_at__isnull=False)
            mine |= Q(employer__in=employers, submitted_at__isnull=False)
        return self.filter(mine | _office_sees(roles))

    def desk(self, person: Person, roles: Iterable[Role]) -> Self:
        """What an office's desk lists: what its roles see, and never one's own file (recusal).

        Said without the "or one's own" of `visible_to`, in a form that both databases answer from an index in the
        order of the list, at any number of files.
        """
        return self.filter(_office_sees(frozenset(roles))).exclude(applicant=person)


def _office_sees(roles: frozenset[Role]) -> Q:
    """Which files the offices' roles open: the association's from the employer's agreement on, the city's part of them.

    That it was submitted is said once: said twice, SQLite takes an index that has to be sorted (four times the work).
    """
    if roles & {Role.REVIEWER, Role.LEAD, Role.RECHECKER, Role.ASSOCIATION_SIGNER}:
        before = {State.DRAFT, State.EMPLOYER, State.EMPLOYER_RETURNED}
        return ~Q(state__in=before) & Q(submitted_at__isnull=False)
    if Role.CITY_SIGNER in roles:
        # The city office sees 中级 only, and only once the association has rechecked it (notice 七).
        return Q(level="中级", rechecked_at__isnull=False, submitted_at__isnull=False)
    return Q(pk__in=[])


class Application(models.Model):
    """One file in one round. State is set only by services that asked the workflow's table."""

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    number = models.CharField(max_length=24, unique=True, null=True, help_text="办件号, given at submission")  # noqa: DJ001
    notice_id = models.CharField(max_length=64)
    notice_digest = models.CharField(max_length=64)
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="applications")
    state = models.CharField(max_length=20, choices=[(s.value, s.label) for s in State], default=State.DRAFT)
    version = models.PositiveIntegerField(default=0, help_text="grows with every change; a stale page is told so")
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    # 1 identity
    full_name = models.CharField(max_length=100, blank=True)
    identity = models.CharField(max_length=20, choices=Identity, blank=True)
    identity_type = models.CharField(max_length=32, blank=True)
    identity_number = cast("models.Field[str, str]", EncryptedTextField(blank=True))
    identity_until = models.DateField(null=True, help_text="how long the document is valid; not asked of a 居民身份证")
    identity_index = models.CharField(max_length=64, blank=True)
    # Nullable: an older file was not asked.
    nationality = models.CharField(max_length=3, blank=True, null=True, help_text="three letters, ICAO 9303")  # noqa: DJ001
    foreign_name = models.CharField(max_length=100, blank=True, null=True, help_text="optional")  # noqa: DJ001
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    born_on = models.DateField(null=True)
    permit = models.CharField(max_length=32, choices=Permit, blank=True)
    permit_number = models.CharField(max_length=60, blank=True)
    permit_until = models.DateField(null=True)
    civil_servant = models.BooleanField(null=True)
    retired = models.BooleanField(null=True)
    sanctioned = models.BooleanField(null=True)
    sanction_from = models.DateField(null=True)
    sanction_until = models.DateField(null=True)

    # 3 work and employer
    works_in_jurisdiction = models.BooleanField(null=True)
    engagement = models.CharField(max_length=24, choices=Engagement, blank=True)
    employer = models.ForeignKey(Employer, models.PROTECT, null=True, related_name="applications")
    employer_name = models.CharField(max_length=200, blank=True)
    employer_uscc = models.CharField(max_length=18, blank=True)
    employer_kind = models.CharField(max_length=24, blank=True)
    post = models.CharField(max_length=100, blank=True)
    established_post = models.BooleanField(null=True)
    established_post_since = models.DateField(null=True)
    assessed_fit = models.BooleanField(null=True)
    continuing_education_hours = models.PositiveSmallIntegerField(null=True)
    # Nullable: asked only where the notice does.
    social_insurance_months = models.PositiveSmallIntegerField(null=True)
    held_title = models.CharField(max_length=8, choices=HeldTitle, blank=True, null=True)  # noqa: DJ001
    held_title_since = models.DateField(null=True)
    social_insurance = models.CharField(
        max_length=12, choices=SocialInsuranceState, default=SocialInsuranceState.NOT_ASKED
    )
    social_insurance_at = models.DateTimeField(null=True)

    # 5 level and specialty
    level = models.CharField(max_length=8, blank=True)
    specialty = models.CharField(max_length=200, blank=True, help_text="path in the notice's catalogue")
    series = models.CharField(max_length=40, blank=True, help_text="first part of the path, for the queue's filter")

    # 7 commitment
    commitment_name = models.CharField(max_length=100, blank=True)
    commitment_at = models.DateTimeField(null=True)

    # the offices
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True, help_text="when the association first took the file up")
    lease_until = models.DateTimeField(
        null=True, help_text="until when the reviewer holds it; then another may take it"
    )
    opinion = models.CharField(max_length=8, blank=True, help_text="for | against, the reviewer's")
    opinion_text = models.TextField(blank=True)
    second = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_text = models.TextField(blank=True, help_text="why the second reviewer agrees with a pass against the rules")
    rechecker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rechecked_at = models.DateTimeField(null=True)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    refused_clause = models.CharField(max_length=16, blank=True)
    refused_reason = models.TextField(blank=True)
    appeal_until = models.DateField(
        null=True, help_text="last day to appeal the refusal; none where there is none to appeal"
    )
    due_on = models.DateField(null=True, help_text="last day of this stage's service level; none while it is paused")
    stage_since = models.DateField(null=True, help_text="the day from which this stage's working days count")
    stage_used = models.PositiveSmallIntegerField(default=0, help_text="working days used before a pause")
    undo_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undo_clock = models.JSONField(null=True, help_text="the stage's clock before that act")
    undo_until = models.DateTimeField(null=True, help_text="until when the last act may be undone by who did it")
    document_number = models.CharField(max_length=40, blank=True)
    certificate_number = models.CharField(max_length=32, blank=True)
    remarked = models.BooleanField(default=False, help_text="whether there are notes of the offices")
    alike = models.BooleanField(default=False, help_text="whether another file was found to look like this one")
    declaration_file = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the 申报表 in the store")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "submitted_at", "id"], name="queue"),
            models.Index(fields=["state", "series", "level", "submitted_at", "id"], name="queue_filtered"),
            models.Index(fields=["state", "level", "submitted_at", "id"], name="queue_level"),
            models.Index(fields=["reviewer", "state", "submitted_at", "id"], name="queue_mine"),
            models.Index(fields=["employer", "state", "submitted_at", "id"], name="queue_employer"),
            models.Index(fields=["submitted_at", "id"], name="list_all"),
            models.Index(fields=["series", "submitted_at", "id"], name="list_series"),
            models.Index(fields=["specialty", "submitted_at", "id"], name="list_specialty"),
            models.Index(fields=["level", "submitted_at", "id"], name="list_level"),
            models.Index(fields=["employer_name", "submitted_at", "id"], name="list_employer"),
            models.Index(fields=["declaration_file"], name="declaration"),
            # What waits for an office, the oldest due first; and the same for a series and a level.
            models.Index(fields=["state", "due_on", "id"], name="queue_due"),
            models.Index(fields=["state", "series", "level", "due_on", "id"], name="queue_due_filtered"),
            models.Index(fields=["state", "specialty", "due_on", "id"], name="queue_due_specialty"),
            models.Index(fields=["state", "employer_name", "due_on", "id"], name="queue_due_employer"),
            models.Index(fields=["identity_index"], name="by_identity"),
            models.Index(fields=["born_on"], name="by_birth"),
        ]
        constraints = [
            # The person, not the account, is unique in a round (security.md A12).
            models.UniqueConstraint(
                fields=["identity_index", "notice_id"],
                condition=Q(state__in=[s.value for s in sorted(LIVE - {State.DRAFT})]),
                name="one_live_file_a_person_a_round",
            ),
            models.UniqueConstraint(
                fields=["applicant", "notice_id"],
                condition=Q(state__in=[s.value for s in sorted(LIVE)]),
                name="one_live_file_an_account_a_round",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{one}__isnull": True}) | Q(**{f"{two}__isnull": True}) | ~Q(**{one: F(two)}),
                    name=f"{one}_is_not_{two}",
                )
                for one, two in (
                    ("reviewer", "applicant"),
                    ("rechecker", "applicant"),
                    ("signer", "applicant"),
                    ("second", "applicant"),
                    ("second", "reviewer"),
                    ("rechecker", "second"),
                    ("signer", "second"),
                    ("rechecker", "reviewer"),
                    ("signer", "reviewer"),
                    ("signer", "rechecker"),
                )
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ISSUED)
                | Q(signer__isnull=False, rechecker__isnull=False, reviewer__isnull=False),
                name="issued_has_three_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.SIGNING, State.CITY, State.APPROVED])
                | Q(rechecker__isnull=False, reviewer__isnull=False),
                name="who_approves_finds_two_people",
            ),
            # A person decides every refusal, with the clause and in words; the machine never does (PIPL 24).
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED)
                | (
                    ~Q(refused_clause="")
                    & ~Q(refused_reason="")
                    & (Q(rechecker__isnull=False) | Q(signer__isnull=False))
                ),
                name="refused_by_a_person_with_clause_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.ref

    @property
    def life(self) -> State:
        return State(self.state)

    @property
    def specialty_words(self) -> str:
        """The specialty's path for people, a name that recurs at the next level said once."""
        return " › ".join(dict.fromkeys(self.specialty.split("/")))

    @property
    def agency(self) -> Employer | None:
        """The agency that speaks for a freelancer online; the unit's name stays 自由职业."""
        unit = self.employer if self.engagement == Engagement.FREELANCE else None
        return unit if unit and unit.speaks_for_freelancers else None

    @property
    def is_junior(self) -> bool:
        return self.level in JUNIOR_LEVELS

    def held_by(self, person: Person, at: datetime) -> bool:
        """Whether this person's lease on the file runs."""
        return self.reviewer_id == person.pk and self.lease_until is not None and self.lease_until > at

    def current_materials(self) -> models.QuerySet[Material]:
        return self.materials.filter(replaced_at__isnull=True).order_by("code", "id")


class Education(models.Model):
    """One schooling, with the degree that came with it, if any (GB/T 4658, GB/T 6864 in the notice's words)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="educations")
    schooling = models.CharField(max_length=8, choices=Schooling, blank=True)
    graduated_on = models.DateField(null=True)
    degree = models.CharField(max_length=8, choices=Degree, blank=True)
    degree_on = models.DateField(null=True)
    school = models.CharField(max_length=120)
    major = models.CharField(max_length=120)
    study_mode = models.CharField(max_length=12, choices=StudyMode)
    enrolled_on = models.DateField(null=True)
    schooling_number = models.CharField(max_length=40, blank=True, help_text="毕业证书编号")
    degree_number = models.CharField(max_length=40, blank=True, help_text="学位证书编号")
    verification_code = models.CharField(max_length=40, blank=True, help_text="学信网在线验证码")
    field_matches = models.BooleanField(null=True)

    def __str__(self) -> str:
        return " ".join(part for part in (self.school, self.schooling, self.degree) if part)


class WorkSpell(models.Model):
    """A spell of work, half-open: `ended_on` is the first day no longer in it; None is "to this day"."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="spells")
    employer_name = models.CharField(max_length=200)
    post = models.CharField(max_length=100)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    in_specialty = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=F("started_on")), name="spell_has_length"
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_on}/{self.ended_on or ''} {self.employer_name}"


class Verdict(models.TextChoices):
    PENDING = "pending", "未判断"
    FIT = "fit", "合格"
    DEFECT = "defect", "有问题"


class Material(models.Model):
    """One uploaded PDF under one item of 五（三）. Replacing keeps the old row; the reviewer sees the current one."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="materials")
    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    code = models.CharField(max_length=4, help_text="number of the item in 五（三）")
    name = models.CharField(max_length=200, help_text="file name as the person gave it, for display only")
    file = models.CharField(max_length=64, help_text="SHA-256 in the file store")
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField()
    hints = models.JSONField(default=list)
    uploaded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    pages_ready = models.BooleanField(default=False)
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.PENDING)
    verdict_code = models.CharField(max_length=24, blank=True, help_text="code of the reason in reasons.yaml")
    verdict_reason = models.CharField(max_length=400, blank=True)
    marks = models.JSONField(default=list, help_text="boxes on pages: [page, x, y, width, height], thousandths")
    verdict_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verdict_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["application", "code"]), models.Index(fields=["file"])]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Assessment(models.Model):
    """A report of the law engine, kept as it was given, with the notice's digest, so that it can be replayed."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="assessments")
    at = models.DateTimeField()
    filed_on = models.DateField()
    notice_digest = models.CharField(max_length=64)
    facts = cast("models.Field[str, str]", EncryptedTextField(help_text="JSON as policy.facts reads it"))
    report = models.JSONField()
    # Nullable: an older submission did not keep it. What else was stated, field by field (applications.stated).
    stated = EncryptedTextField(null=True)

    class Meta:
        get_latest_by = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.application_id} {self.filed_on}"


class Correction(models.Model):
    """One send-back: all defects at once (一次性告知).

    `items`: [{"part": "material:2" | "section:schooling", "reason"}], a judged material's with "code", the "material"'s
    reference and the "marks" on its pages. A second one is asked for (`missed`: why it was not seen the first time) and
    goes out when the lead agrees.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="corrections")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    missed = models.TextField(blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField()
    items = models.JSONField()
    mended_at = models.DateTimeField(null=True)

    class Meta:
        get_latest_by = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(mended_at__isnull=True), name="one_open_correction"
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.asked_at:%F}"

    def parts(self) -> frozenset[str]:
        """What may be changed while this is open."""
        return frozenset(item["part"] for item in self.items)


class NumberSeries(models.Model):
    """The last 办件号 given, one row a year; locked while one is taken."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
