"""Chuding (初定): the open platform for the initial conferment of professional titles."""
