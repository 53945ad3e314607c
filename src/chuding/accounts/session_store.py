"""Sessions in the database as Django keeps them, but one that goes on is saved in one statement, not in a transaction of three.

Every minute of every signed-in person saves one.
"""

from __future__ import annotations

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions


class SessionStore(DatabaseSessions):
    """What the setting SESSION_ENGINE asks for."""

    def save(self, must_create: bool = False) -> None:
        """Keep the session. Raises UpdateError where it was ended meanwhile, CreateError where the key is taken."""
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        row = self.create_model_instance(dict(self.items()))
        held = self.get_model_class().objects.filter(session_key=row.session_key)
        if not held.update(session_data=row.session_data, expire_date=row.expire_date):
            raise UpdateError
