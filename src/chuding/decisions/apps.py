from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "chuding.decisions"
    label = "decisions"
