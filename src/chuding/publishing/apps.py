from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "chuding.publishing"
    verbose_name = "通知发布"
