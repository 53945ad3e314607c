from django.apps import AppConfig
from django.core.checks import Tags, register

from chuding.storage.checks import check_durability, check_sqlite_version


class StorageConfig(AppConfig):
    name = "chuding.storage"
    verbose_name = "存储"

    def ready(self) -> None:
        register(check_sqlite_version)
        register(check_durability, Tags.database)
