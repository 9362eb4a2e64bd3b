"""Rows of the login table in DynamoDB: where each of them is."""

import re

from chalicelib.adapters.dynamodb.claims import part
from chalicelib.adapters.dynamodb.layout import LOGIN, Key, person_pk
from chalicelib.domain.endings import Ending
from chalicelib.domain.ids import FamilyId, WorkspaceId
from chalicelib.domain.sessions import Person

ENDINGS = "END#"
_SUBJECT = re.compile(r"(acct|addr):[A-Za-z0-9_-]{3,64}")


def sign_up_key(workspace: WorkspaceId, digest: str) -> Key:
    """Answer where an account in waiting is; raises `ValueError`."""
    return _row(workspace, "CH", digest)


def challenge_key(workspace: WorkspaceId, digest: str) -> Key:
    """Answer where a challenge is, beside the accounts in waiting; raises `ValueError`."""
    return _row(workspace, "CH", digest)


def code_key(workspace: WorkspaceId, digest: str) -> Key:
    """Answer where an authorisation code is; raises `ValueError`."""
    return _row(workspace, "CODE", digest)


def browser_key(workspace: WorkspaceId, digest: str) -> Key:
    """Answer where a browser's sign-in is; raises `ValueError`."""
    return _row(workspace, "SSO", digest)


def browser_of_person_key(person: Person, digest: str) -> Key:
    """Answer where a browser's sign-in is listed for its person; raises `ValueError`."""
    return Key(LOGIN, person_pk(person), f"SSO#{part(digest)}")


def family_key(workspace: WorkspaceId, family: FamilyId) -> Key:
    """Answer where a refresh family is; raises `ValueError`."""
    return _row(workspace, "RF", family)


def family_of_person_key(person: Person, family: FamilyId) -> Key:
    """Answer where a refresh family is listed for its person; raises `ValueError`."""
    return Key(LOGIN, person_pk(person), f"RF#{part(family)}")


def device_authorization_key(workspace: WorkspaceId, digest: str) -> Key:
    """Answer where a device's request is; raises `ValueError`."""
    return _row(workspace, "DEV", digest)


def user_code_key(workspace: WorkspaceId, user_code: str) -> Key:
    """Answer where a typed code leads to a device's request; raises `ValueError`."""
    return _row(workspace, "DEVU", user_code)


def pushed_key(workspace: WorkspaceId, digest: str) -> Key:
    """Answer where a pushed request is; raises `ValueError`."""
    return _row(workspace, "PAR", digest)


def replay_key(workspace: WorkspaceId, digest: str) -> Key:
    """Answer where it is noted that something was shown; raises `ValueError`."""
    return _row(workspace, "JTI", digest)


def ending_key(ending: Ending) -> Key:
    """Answer where the end of one sign-in, or of all, is noted; raises `ValueError`."""
    # What one end spares is none of another's: each has a row of its own.
    name = ending.root or ending.but
    return Key(LOGIN, person_pk(ending.person), f"{ENDINGS}{'ALL' if name is None else part(name)}")


def device_key(person: Person, digest: str) -> Key:
    """Answer where a person's mark on a browser is; raises `ValueError`."""
    return Key(LOGIN, person_pk(person), f"KD#{part(digest)}")


def attempts_key(workspace: WorkspaceId, subject: str, *, window: int) -> Key:
    """Answer where failures are counted; raises `ValueError`."""
    if _SUBJECT.fullmatch(subject) is None:
        raise ValueError("not a subject of attempts")
    return Key(LOGIN, f"W#{part(workspace)}#ATT#{subject}", str(window))


def _row(workspace: WorkspaceId, kind: str, digest: str) -> Key:
    return Key(LOGIN, f"W#{part(workspace)}#{kind}#{part(digest)}", "ROW")
