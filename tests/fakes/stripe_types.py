"""The SDK's own typed parameters, held against what comes over the wire."""

import re
import types
import typing
from collections.abc import Mapping
from typing import Any

import typing_extensions
from stripe import RequestOptions, params
from stripe.params import checkout

from demo.stand_in.base import WireError

# Names in the SDK's annotations that it imports for type checkers only.
UNRESOLVED = {"StripeContext": str, "Mapping": Mapping}
TYPES: dict[str, Any] = {
    "session": checkout.SessionCreateParams,
    "one session": checkout.SessionRetrieveParams,
    "expiry": checkout.SessionExpireParams,
    "new customer": params.CustomerCreateParams,
    "customer": params.CustomerUpdateParams,
    "refund": params.RefundCreateParams,
    "refunds": params.RefundListParams,
    "charge": params.PaymentIntentCreateParams,
    "charges": params.PaymentIntentListParams,
    "one charge": params.PaymentIntentRetrieveParams,
    "one set-up": params.SetupIntentRetrieveParams,
    "means": params.PaymentMethodRetrieveParams,
    "detachment": params.PaymentMethodDetachParams,
    "mandate": params.MandateRetrieveParams,
}
"""What the SDK knows of each kind of request of the stand-in."""


def check_parameters(kind: str, parameters: dict[str, Any]) -> None:
    """Refuse what the SDK's types do not know: names, missing names, kinds, and values outside an enum."""
    for name in parameters:
        if name in RequestOptions.__annotations__:
            raise WireError(
                400, f"Received unknown parameter: {name}", code="parameter_unknown", more={"param": name}
            )
    check(parameters, TYPES[kind], "")


def check(value: Any, hint: Any, path: str) -> None:
    """Hold one value of the wire, where all leaves are strings, against its type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required):
        check(value, arguments[0], path)
    elif typing_extensions.is_typeddict(hint):
        _check_dict(value, hint, path)
    elif origin is typing.Literal:
        _require(value in map(str, arguments), path, f"must be one of {arguments}")
    elif origin in (typing.Union, types.UnionType):
        # Enums are open ("Literal[...] | str"): a value outside the literals is still a mistake of ours.
        enums = [argument for argument in arguments if typing.get_origin(argument) is typing.Literal]
        others = [argument for argument in arguments if argument not in enums and argument is not str]
        _check_any(value, enums + others if enums else list(arguments), path)
    elif origin is list:
        _require(isinstance(value, list), path, "must be a list")
        for number, item in enumerate(value):
            check(item, arguments[0], f"{path}[{number}]")
    elif origin is dict:
        _require(isinstance(value, dict), path, "must be a mapping")
        for name, item in value.items():
            check(item, arguments[1], f"{path}[{name}]")
    else:
        _check_leaf(value, hint, path)


def _check_dict(value: Any, hint: Any, path: str) -> None:
    _require(isinstance(value, dict), path, "must be a mapping")
    hints = typing_extensions.get_type_hints(hint, localns=UNRESOLVED, include_extras=True)
    for name in set(value) - set(hints):
        _require(False, _inside(path, name), "is an unknown parameter", "parameter_unknown")
    for name in hint.__required_keys__ - set(value):
        _require(False, _inside(path, name), "is missing", "parameter_missing")
    for name, item in value.items():
        check(item, hints[name], _inside(path, name))


def _check_any(value: Any, hints: list[Any], path: str) -> None:
    errors = []
    for hint in hints:
        try:
            return check(value, hint, path)
        except WireError as error:
            errors.append(str(error))
    raise WireError(400, "; ".join(errors), more={"param": path})


def _check_leaf(value: Any, hint: Any, path: str) -> None:
    _require(hint in (str, int, bool, float), path, "must be of another kind")
    _require(isinstance(value, str), path, "must be a single value")
    if hint is int:
        is_whole = re.fullmatch(r"-?[0-9]+", value) is not None
        _require(is_whole, path, "must be an integer", "parameter_invalid_integer")
    elif hint is bool:
        _require(value in ("true", "false"), path, "must be true or false")


def _inside(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _require(condition: bool, path: str, message: str, code: str = "") -> None:
    if not condition:
        raise WireError(400, f"{path} {message}", code=code, more={"param": path})
