"""Every way in which Transom says no, as one tree.

TransomError
├── Refused                     the request is at fault: 4xx, nothing was changed
│   ├── FieldInvalid            a field is missing, of the wrong type or out of bounds
│   │   └── FieldUnknown        a field that is not in the list
│   ├── TokenInvalid            the identity token is stale, foreign or forged
│   ├── SignInRequired          nobody is signed in
│   ├── Forbidden               this person may not do that
│   │   ├── OriginNotAllowed    the page's origin is not in the site's list
│   │   ├── NameReserved        a name that belongs to the site's own people
│   │   ├── WindowClosed        the time for editing or deleting is over
│   │   └── ThreadClosed        nobody may write here
│   ├── NotFound                no such site, comment, widget, route
│   ├── MethodNotAllowed        the address is there, the method is not
│   ├── Conflict                it clashes with what is stored
│   │   └── KeyReused           the idempotency key was used for something else
│   ├── Gone                    it was there and was deleted
│   ├── TooLarge                the body is longer than the limit
│   ├── MediaTypeUnsupported    the body is neither a form nor JSON
│   ├── TextTooCostly           the text takes too long to render
│   ├── ImportRefused           the file cannot be imported
│   └── TooManyRequests         a rate limit was reached
├── Unavailable                 the server cannot, just now: 5xx, nothing was changed
│   ├── Overloaded              a bounded queue is full
│   ├── StorageFull             the disk is full
│   ├── StorageReadOnly         the file or folder cannot be written
│   ├── StorageFailed           the database failed in another way
│   └── PluginFailed            a plug-in raised or ran out of time
└── Misconfigured               the operator must act; shown as an explanation, never over HTTP
    ├── SettingUnknown · SettingInvalid
    ├── SchemaNewer             the database was written by a newer Transom
    └── MigrationFailed         a migration did not run; the backup is untouched

A class's docstring is its default sentence.
"""

from __future__ import annotations

from typing import ClassVar


class TransomError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", *, field: str | None = None, retry_after: int | None = None) -> None:
        """Keep what a catcher needs: the sentence, the field at fault, the seconds after which to try again."""
        self.detail = detail or (type(self).__doc__ or "").strip()
        self.field = field
        self.retry_after = retry_after
        super().__init__(self.detail)


class Refused(TransomError):
    """The request cannot be accepted."""

    code = "refused"
    status = 400


class FieldInvalid(Refused):
    """A field is missing, unknown or not valid."""

    code = "field_invalid"
    status = 422


class FieldUnknown(FieldInvalid):
    """There is no such field here."""

    code = "field_unknown"
    status = 400


class TokenInvalid(Refused):
    """The identity token is not valid here; drop it and go on without one."""

    code = "token_invalid"
    status = 401


class SignInRequired(Refused):
    """Sign in first."""

    code = "sign_in_required"
    status = 401


class Forbidden(Refused):
    """You may not do that."""

    code = "forbidden"
    status = 403


class OriginNotAllowed(Forbidden):
    """This page's origin is not in the site's list of origins."""

    code = "origin_not_allowed"


class NameReserved(Forbidden):
    """This name belongs to somebody who runs the site; please choose another."""

    code = "name_reserved"


class WindowClosed(Forbidden):
    """The time in which this could be changed is over."""

    code = "window_closed"


class ThreadClosed(Forbidden):
    """This conversation is closed."""

    code = "thread_closed"


class NotFound(Refused):
    """There is nothing at this address."""

    code = "not_found"
    status = 404


class MethodNotAllowed(Refused):
    """This address does not take that method."""

    code = "method_not_allowed"
    status = 405


class Conflict(Refused):
    """It clashes with what is already stored."""

    code = "conflict"
    status = 409


class KeyReused(Conflict):
    """This idempotency key was already used for another request."""

    code = "idempotency_key_reused"


class Gone(Refused):
    """It was deleted."""

    code = "gone"
    status = 410


class TooLarge(Refused):
    """The request is larger than the limit."""

    code = "too_large"
    status = 413


class MediaTypeUnsupported(Refused):
    """Send a form (application/x-www-form-urlencoded) or JSON."""

    code = "media_type_unsupported"
    status = 415


class TextTooCostly(Refused):
    """This text takes too long to render; please make it simpler."""

    code = "text_too_costly"
    status = 422


class ImportRefused(Refused):
    """The file cannot be imported."""

    code = "import_refused"
    status = 422

    def __init__(self, detail: str = "", *, reason: str = "unreadable", line: int | None = None) -> None:
        """Keep why, as a stable word, and the line of the file that was at fault."""
        self.reason = reason
        self.line = line
        super().__init__(f"{detail} (line {line})" if line else detail)


class TooManyRequests(Refused):
    """That was too fast; please wait a moment and try again."""

    code = "too_many_requests"
    status = 429


class Unavailable(TransomError):
    """The server cannot do this just now; nothing was changed."""

    code = "unavailable"
    status = 503


class Overloaded(Unavailable):
    """The server is busy; please try again in a moment."""

    code = "overloaded"


class StorageFull(Unavailable):
    """The disk is full: nothing was stored. Free some space and try again."""

    code = "storage_full"


class StorageReadOnly(Unavailable):
    """The database cannot be written: check the permissions of the file and of its folder."""

    code = "storage_read_only"


class StorageFailed(Unavailable):
    """The database failed; nothing was stored."""

    code = "storage_failed"


class PluginFailed(Unavailable):
    """A plug-in failed; the rest goes on without it."""

    code = "plugin_failed"


class Misconfigured(TransomError):
    """The configuration needs a hand."""

    code = "misconfigured"


class SettingUnknown(Misconfigured):
    """There is no such setting."""

    code = "setting_unknown"


class SettingInvalid(Misconfigured):
    """A setting's value is not valid."""

    code = "setting_invalid"


class SchemaNewer(Misconfigured):
    """The database was written by a newer Transom than this one."""

    code = "schema_newer"


class MigrationFailed(Misconfigured):
    """A migration failed; the database was left as it was."""

    code = "migration_failed"
