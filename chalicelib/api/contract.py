"""Contract: what a route reads, answers and refuses with, declared once beside its view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chalicelib.domain.errors import DomainError

if TYPE_CHECKING:
    from pydantic import BaseModel  # a route that takes and gives plain JSON starts without it

_FOUND = 302

Schema: TypeAlias = Mapping[str, object]
# Nested as in an `except`, so that a group of errors can stand beside single ones.
Errors: TypeAlias = "type[DomainError] | tuple[Errors, ...]"


@dataclass(frozen=True, slots=True)
class Header:
    """A header that says something in an answer."""

    name: str
    about: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Also:
    """An answer beside the usual one; `gives` is its body's type."""

    status: int
    about: str
    gives: object = None
    sends: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a view reads beside the body; it sees no query parameter that is not declared.

    The same holds for a header that is some route's parameter, like `If-Match`.
    """

    place: Literal["path", "query", "header"]
    name: str
    about: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    raises: Errors = ()
    also: tuple[Also, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Json:
    """Annotates JSON that goes through as it is, and would only be slowed down by a model.

    With `patches` it is a merge patch of that model, and has its members.
    """

    name: str
    about: str
    schema: Schema
    media_types: tuple[str, ...] = ("application/json",)
    patches: "type[BaseModel] | None" = None


@dataclass(frozen=True, slots=True)
class Contract:
    """What a route promises; `takes` and `gives` are the annotations of its view.

    `params` are read from the query of a GET and from the form of a POST, as OAuth has it.
    """

    status: int
    takes: object
    gives: object
    params: "type[BaseModel] | None"
    reads: tuple[Parameter, ...]
    sends: tuple[Header, ...]
    also: tuple[Also, ...]
    raises: Errors

    def status_of(self, method: str) -> int:
        """Answer the status of the usual answer, which for a redirect depends on the method."""
        # RFC 9700, 4.12: 303 turns a form's POST into a GET without what was in the form.
        return 303 if self.sends_on and method == "POST" else self.status

    @property
    def sends_on(self) -> bool:
        """Answer whether browsers come here to be sent on, a person before them."""
        return self.status == _FOUND

    @property
    def others(self) -> tuple[Also, ...]:
        """Answer the answers beside the usual one, those that a parameter brings included."""
        return (*self.also, *(also for each in self.reads for also in each.also))

    @property
    def fields(self) -> frozenset[str]:
        """Answer the names of `params`."""
        return frozenset(() if self.params is None else self.params.model_fields)

    def names(self, place: str) -> frozenset[str]:
        """Answer the names of the parameters in one place, in lower case for headers."""
        names = (each.name for each in self.reads if each.place == place)
        return frozenset(name.lower() if place == "header" else name for name in names)


def flat(errors: Errors) -> frozenset[type[DomainError]]:
    """Answer the errors of a group and of all groups in it."""
    if isinstance(errors, tuple):
        return frozenset(error for group in errors for error in flat(group))
    return frozenset({errors})
