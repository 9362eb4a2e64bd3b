"""Authorisation codes and sign-ins as items of DynamoDB."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.domain.ids import AppId, GrantId, SessionId, UserId, WorkspaceId
from chalicelib.domain.limits import CODE_SECONDS, CODE_TOMBSTONE_SECONDS
from chalicelib.domain.login import AuthorizationCode
from chalicelib.domain.tokens import SignIn


def code_fields(code: AuthorizationCode) -> Fields:
    """Answer a code as attributes; its tombstone stays so that a second use is noticed."""
    return {
        "wid": code.workspace,
        "digest": code.digest,
        "aid": code.app,
        "clientId": code.client_id,
        "uid": code.user,
        "redirectUri": code.redirect_uri,
        "scope": code.scope,
        "nonce": code.nonce,
        "codeChallenge": code.code_challenge,
        "signIn": sign_in_fields(code.sign_in),
        "gid": code.grant,
        "exp": code.exp,
        "used": code.used,
        "sid": code.sid,
        "ttlSeconds": code.ttl_seconds,
        "seed": None if code.seed is None else sealed_fields(code.seed),
        "jkt": code.key,
        "lifetime": None if code.lifetime == CODE_SECONDS else code.lifetime,
        "ttl": code.exp + CODE_TOMBSTONE_SECONDS,
    }


def code_of(item: Item) -> AuthorizationCode:
    """Answer the code that an item holds."""
    return AuthorizationCode(
        digest=item["digest"],
        workspace=WorkspaceId(item["wid"]),
        app=AppId(item["aid"]),
        client_id=item["clientId"],
        user=UserId(item["uid"]),
        redirect_uri=item["redirectUri"],
        scope=item["scope"],
        nonce=item.get("nonce"),
        code_challenge=item["codeChallenge"],
        sign_in=sign_in_of(item["signIn"]),
        grant=GrantId(item["gid"]),
        exp=item["exp"],
        used=item["used"],
        sid=SessionId(item["sid"]) if "sid" in item else None,
        ttl_seconds=item.get("ttlSeconds"),
        seed=sealed_of(item["seed"]) if "seed" in item else None,
        key=item.get("jkt"),
        lifetime=item.get("lifetime", CODE_SECONDS),
    )


def sign_in_fields(sign_in: SignIn) -> Fields:
    """Answer a sign-in as an attribute."""
    return {"authTime": sign_in.auth_time, "acr": sign_in.acr, "amr": sign_in.amr}


def sign_in_of(attribute: Item) -> SignIn:
    """Answer the sign-in that an attribute holds."""
    return SignIn(
        auth_time=attribute["authTime"], acr=attribute["acr"], amr=tuple(attribute["amr"])
    )
