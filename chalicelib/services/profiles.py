"""Profiles as they are written before they are sealed."""

import json

from chalicelib.domain.users import Profile


def written(profile: Profile) -> bytes:
    """Answer the bytes of a profile."""
    members = {
        "email": profile.email,
        "emailVerified": profile.email_verified,
        "name": profile.name,
        "attributes": dict(profile.attributes),
    }
    return json.dumps(members, ensure_ascii=False).encode()


def read(plain: bytes) -> Profile:
    """Answer the profile that was written."""
    members = json.loads(plain)
    return Profile(
        email=members["email"],
        name=members["name"],
        email_verified=members["emailVerified"],
        # Rows of before there were upstreams have none.
        attributes=members.get("attributes", {}),
    )
