"""OpenID providers elsewhere, asked over HTTP; what they sign is verified by PyJWT."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import quote_plus, urlencode, urlsplit

import jwt
from jwt.types import Options

from chalicelib.adapters.web import Web
from chalicelib.domain.errors import UpstreamUnavailable
from chalicelib.domain.limits import CLOCK_LEEWAY
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.recent import Recent
from chalicelib.domain.tenants import is_confirmed, shared_issuer, signs_for, speaker
from chalicelib.domain.vouching import Doubt, Provider, Redemption, Vouched

# Asymmetric ones alone: `none` proves nothing, and with HS256 a public key would do for a secret.
_ALGORITHMS = ("ES256", "RS256", "PS256", "ES384", "RS384", "PS384", "ES512", "RS512", "PS512")
_AGE = 600.0  # seconds that a provider's own description and keys are remembered
_PAUSE = 30.0  # between two looks for a key that was not there
_OLDEST = 600  # seconds since an ID token was made
_MAX_TOKEN = 64 * 1024
_MAX_SHOWN = 200  # characters of a name that a provider gives itself
_MAX_SUBJECT = 255  # characters, as OpenID Connect Core 1.0 has it
_OK = 200
_MAX_CODE_ANSWER = 400  # statuses from here on are refusals
# Times are compared with the clock that was given, the rest below, each by its own name.
_OPTIONS: Options = {
    "require": ["iss", "sub", "aud", "exp", "iat"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_iss": False,
}


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of a provider's, and for whom it signs where it says so."""

    key: jwt.PyJWK
    issuer: object


class HttpIdentityProviders:
    """Answers `IdentityProviders`."""

    def __init__(self, *, clock: Clock, reaches_loopback: bool) -> None:
        """Take the clock, and whether this machine may be reached."""
        self._clock = clock
        self._web = Web(clock=clock, reaches_loopback=reaches_loopback)
        self._providers: Recent[str, Provider] = Recent(clock.monotonic, age=_AGE)
        self._keys: Recent[str, Mapping[str, _Key]] = Recent(clock.monotonic, age=_AGE)
        self._looked: Recent[str, bool] = Recent(clock.monotonic, age=_PAUSE)

    def describe(self, issuer: str) -> Provider:
        known = self._providers.get(issuer)
        if known is not None:
            return known
        page = self._web.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if page.status != _OK:
            raise UpstreamUnavailable(
                "The identity provider did not answer as one. Try again.",
                why=f"answers with status {page.status}",
            )
        provider = _provider_of(page.members)
        if provider is None:
            raise UpstreamUnavailable(
                "The identity provider does not describe itself as one.",
                why="answers with a document that is not an OpenID provider's",
            )
        # To the letter, else it could answer in the name of another (RFC 9207, section 2.4).
        if provider.issuer != (shared_issuer(issuer) or issuer):
            raise UpstreamUnavailable(
                "The identity provider describes itself as another.",
                why=f"calls itself {provider.issuer[:_MAX_SHOWN]}",
            )
        return self._providers.keep(issuer, replace(provider, issuer=issuer))

    def redeem(self, provider: Provider, redemption: Redemption) -> Vouched | Doubt:
        form = {
            "grant_type": "authorization_code",
            "code": redemption.code,
            "redirect_uri": redemption.redirect_uri,
            "code_verifier": redemption.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if redemption.secret is None or provider.posts_secret:
            form["client_id"] = redemption.client_id
        if redemption.secret is not None and provider.posts_secret:
            form["client_secret"] = redemption.secret
        elif redemption.secret is not None:
            headers["Authorization"] = _basic(redemption.client_id, redemption.secret)
        page = self._web.post(provider.token_endpoint, urlencode(form).encode(), headers)
        if page.status >= _MAX_CODE_ANSWER:
            return Doubt.CODE
        token = page.members.get("id_token")
        if not isinstance(token, str) or len(token) > _MAX_TOKEN or not token.isascii():
            return Doubt.MALFORMED
        claims = self._believed(provider, redemption, token)
        if isinstance(claims, Doubt):
            return claims
        return _vouched(provider, {**self._added(provider, claims, page.members), **claims})

    def _added(
        self, provider: Provider, claims: Mapping[str, object], answer: Mapping[str, object]
    ) -> Mapping[str, object]:
        # OpenID Connect Core 1.0, 5.4: who gives an access token may say the rest for that alone.
        token = answer.get("access_token")
        if "email" in claims or provider.userinfo_endpoint is None or not _is_bearer(token):
            return {}
        if shared_issuer(provider.issuer) is not None:
            return {}  # what confirms an address there stands in the ID token alone
        page = self._web.get(provider.userinfo_endpoint, {"Authorization": f"Bearer {token}"})
        # 5.3.2: of another person it must not be used.
        is_same = page.status == _OK and page.members.get("sub") == claims["sub"]
        return page.members if is_same else {}

    def _believed(
        self, provider: Provider, redemption: Redemption, token: str
    ) -> Mapping[str, object] | Doubt:
        try:
            key = self._key(provider, jwt.get_unverified_header(token))
            if key is None:
                return Doubt.SIGNATURE
            algorithms = list(provider.algorithms)
            claims = jwt.decode(token, key.key, algorithms=algorithms, options=_OPTIONS)
        except jwt.MissingRequiredClaimError:
            return Doubt.MALFORMED
        except jwt.PyJWTError:
            return Doubt.SIGNATURE
        if not signs_for(key.issuer, provider.issuer, claims):
            return Doubt.SIGNATURE
        return self._doubt(provider, redemption, claims) or claims

    def _doubt(
        self, provider: Provider, redemption: Redemption, claims: Mapping[str, object]
    ) -> Doubt | None:
        issuer = speaker(provider.issuer, claims, redemption.tenants)
        if issuer is None:
            return Doubt.TENANT
        if claims["iss"] != issuer:
            return Doubt.ISSUER
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        party = claims.get("azp", redemption.client_id if len(audience) == 1 else None)
        if redemption.client_id not in audience or party != redemption.client_id:
            return Doubt.AUDIENCE
        if not self._is_of_now(claims):
            return Doubt.TIME
        if claims.get("nonce") != redemption.nonce:
            return Doubt.NONCE
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT:
            return Doubt.MALFORMED
        return None

    def _is_of_now(self, claims: Mapping[str, object]) -> bool:
        exp, iat, nbf = claims["exp"], claims["iat"], claims.get("nbf", 0)
        # A boolean is an int to Python, and never a NumericDate.
        if any(type(each) not in {int, float} for each in (exp, iat, nbf)):
            return False
        exp, iat, nbf = (cast("float", each) for each in (exp, iat, nbf))
        now = self._clock.now()
        return now < exp and now - _OLDEST <= iat and max(iat, nbf) <= now + CLOCK_LEEWAY

    def _key(self, provider: Provider, header: Mapping[str, object]) -> _Key | None:
        keys = self._keys.get(provider.jwks_uri)
        key = None if keys is None else _named(keys, header)
        if key is None and self._looked.get(provider.jwks_uri) is None:
            # Not known, or rotated since; whoever makes up key names does not make us ask on.
            self._looked.keep(provider.jwks_uri, True)
            page = self._web.get(provider.jwks_uri)
            keys = self._keys.keep(provider.jwks_uri, _keys_of(page.members))
            key = _named(keys, header)
        return key


def _provider_of(members: Mapping[str, object]) -> Provider | None:
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    places = [members.get(name) for name in names]
    if not all(isinstance(place, str) and _is_address(place) for place in places):
        return None
    issuer, authorization_endpoint, token_endpoint, jwks_uri = cast("list[str]", places)
    signed = members.get("id_token_signing_alg_values_supported", ["RS256"])
    ways = members.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not isinstance(signed, list) or not isinstance(ways, list):
        return None
    return Provider(
        issuer=issuer,
        authorization_endpoint=authorization_endpoint,
        token_endpoint=token_endpoint,
        jwks_uri=jwks_uri,
        algorithms=tuple(name for name in _ALGORITHMS if name in signed),
        userinfo_endpoint=_optional(members.get("userinfo_endpoint")),
        posts_secret="client_secret_basic" not in ways and "client_secret_post" in ways,
        names_itself=members.get("authorization_response_iss_parameter_supported") is True,
    )


def _optional(place: object) -> str | None:
    return place if isinstance(place, str) and _is_address(place) else None


def _is_bearer(token: object) -> bool:
    return isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token


def _is_address(text: str) -> bool:
    return urlsplit(text).scheme in {"https", "http"} and text.isascii() and text.isprintable()


def _keys_of(members: Mapping[str, object]) -> Mapping[str, _Key]:
    found: dict[str, _Key] = {}
    for each in cast("list[object]", members.get("keys", [])):
        if (
            not isinstance(each, dict)
            or each.get("use", "sig") != "sig"
            or each.get("kty") == "oct"
        ):
            continue
        try:
            found[str(each.get("kid", ""))] = _Key(jwt.PyJWK(each), each.get("issuer"))
        except jwt.PyJWTError:
            continue  # of a kind that nobody here needs
    return found


def _named(keys: Mapping[str, _Key], header: Mapping[str, object]) -> _Key | None:
    # OpenID Connect Core 1.0, 10.1: a name may be missing where there is one key only.
    if "kid" not in header:
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(str(header["kid"]))


def _vouched(provider: Provider, claims: Mapping[str, object]) -> Vouched:
    email, name, since = claims.get("email"), claims.get("name"), claims.get("auth_time")
    methods = claims.get("amr")
    return Vouched(
        issuer=cast("str", claims["iss"]),
        subject=cast("str", claims["sub"]),
        email=email if isinstance(email, str) else None,
        is_verified=is_confirmed(provider.issuer, claims),
        name=name if isinstance(name, str) else None,
        amr=tuple(map(str, methods)) if isinstance(methods, list) else (),
        auth_time=since if type(since) is int else None,
        claims=claims,
    )


def _basic(client_id: str, secret: str) -> str:
    # RFC 6749, 2.3.1: both parts are encoded as in a form first.
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()
