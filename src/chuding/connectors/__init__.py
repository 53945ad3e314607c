"""The world outside: one protocol per service, an embedded default, the real one; chosen in settings. No Django here."""
