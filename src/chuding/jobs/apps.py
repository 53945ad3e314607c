from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "chuding.jobs"
    verbose_name = "后台任务"
