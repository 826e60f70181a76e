"""Telling those who are away: notifiers hear of interactions, at least once each, whatever happens in between."""
