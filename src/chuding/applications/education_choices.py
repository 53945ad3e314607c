"""What a schooling, a degree and a way of studying can be (GB/T 4658, GB/T 6864 in the notices' words)."""

from django.db import models


class Schooling(models.TextChoices):
    SECONDARY = "中专", "中等职业学校（中专、职高、技校）"
    COLLEGE = "大专", "大学专科"
    BACHELOR = "本科", "大学本科"
    POSTGRADUATE = "研究生", "研究生"
    # The kinds below count only where a notice names them: see `applications.asked.schoolings_of`.
    POSTGRADUATE_CLASS = "研究生班", "研究生班"
    WORKER_CLASS = "中级工班", "技工院校中级工班"
    SENIOR_WORKER_CLASS = "高级工班", "技工院校高级工班"
    PRE_TECHNICIAN_CLASS = "预备技师班", "技工院校预备技师班"
    TECHNICIAN_CLASS = "技师班", "技工院校技师班"


class Degree(models.TextChoices):
    BACHELOR = "学士", "学士"
    SECOND_BACHELOR = "第二学士", "第二学士学位"
    MASTER = "硕士", "硕士"
    DOCTOR = "博士", "博士"


class StudyMode(models.TextChoices):
    FULL_TIME = "full_time", "全日制"
    PART_TIME = "part_time", "非全日制（成人、自考、网络等）"


def is_full_time(mode: str | None) -> bool | None:
    """What a way of studying says of 全日制; None where it was not stated."""
    return {StudyMode.FULL_TIME.value: True, StudyMode.PART_TIME.value: False}.get(mode or "")
