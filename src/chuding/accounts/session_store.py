"""Sessions in the database as Django keeps them, but one that goes on is saved in one statement, not in a transaction of three.

Every minute of every signed-in person saves one, and every page reads one.
"""

from __future__ import annotations

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from chuding.storage.prepared import Prepared, Slot

_LIVE: Prepared[Session] = Prepared(
    lambda: Session.objects.filter(session_key=Slot("key", CharField()), expire_date__gt=Slot("at", DateTimeField()))
)


class SessionStore(DatabaseSessions):
    """What the setting SESSION_ENGINE asks for."""

    def _get_session_from_db(self) -> Session | None:
        row = next(iter(_LIVE(key=self.session_key, at=timezone.now())), None)
        if row is None:
            self._session_key = None
        return row

    def save(self, must_create: bool = False) -> None:
        """Keep the session. Raises UpdateError where it was ended meanwhile, CreateError where the key is taken."""
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        held = self.get_model_class().objects.filter(session_key=row.session_key)
        if not held.update(session_data=row.session_data, expire_date=row.expire_date):
            raise UpdateError
