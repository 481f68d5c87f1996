"""The API of a system: routes that say which scope they need, and refuse to start when they don't."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from ninja import NinjaAPI
from ninja import Router as NinjaRouter
from ninja.errors import ConfigError, ValidationError, ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.params import models as ninja_params
from ninja.parser import Parser

from . import failures, parameters, strict_json
from .answers import Renderer
from .authentication import Guard, Open

# What a route takes, like `bodies.Body`: a validator is made when the route is called first.
for _taken in ("PathModel", "QueryModel", "BodyModel", "FormModel", "FileModel", "HeaderModel"):
    getattr(ninja_params, _taken).model_config["defer_build"] = True

View = TypeVar("View", bound=Callable[..., Any])

_SCOPES = "_ambar_scopes"
PUBLIC = "public"
SIGNED_IN = "signed in"


_TOKEN_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "`Token <key>`; a key comes from `auth/login/`.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path; `scope` is the needed scope, `"public"` or `"signed in"`."""

    method: str
    path: str
    scope: str
    scopes: tuple[str, ...]
    view: Callable[..., Any]


def needs(*scopes: str) -> Callable[[View], View]:
    """Marks a route: the caller must hold one of these scopes, e.g. `packages:read`."""
    if not scopes or not all(scopes):
        raise ConfigError("needs() wants at least one scope; use signed_in or public otherwise")

    def mark(view: View) -> View:
        setattr(view, _SCOPES, tuple(scopes))
        return view

    return mark


def public(view: View) -> View:
    """Marks a route that asks for no credentials."""
    setattr(view, _SCOPES, (PUBLIC,))
    return view


def signed_in(view: View) -> View:
    """Marks a route open to every authenticated caller."""
    setattr(view, _SCOPES, (SIGNED_IN,))
    return view


def _scopes_of(view: Callable[..., Any]) -> tuple[str, ...] | None:
    found: tuple[str, ...] | None = getattr(view, _SCOPES, None)
    return found


class Router(NinjaRouter):
    """Routes of one resource. A route without `needs`, `signed_in` or `public` can't be added."""

    def add_api_operation(
        self, path: str, methods: list[str], view_func: Callable[..., Any], **options: Any
    ) -> None:
        scopes = _scopes_of(view_func)
        if scopes is None:
            raise ConfigError(f"{view_func.__module__}.{view_func.__name__} says neither needs() nor public")
        if scopes == (PUBLIC,):
            options["auth"] = Open()
        else:
            options["auth"] = Guard(() if scopes == (SIGNED_IN,) else scopes)
        super().add_api_operation(path, methods, view_func, **options)


class _StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return strict_json.loads(request.body)


class Api(NinjaAPI):
    """A NinjaAPI that speaks the contract."""

    def __init__(self, *, system: str, strict_filters: bool, **options: Any) -> None:
        self.system = system
        self.strict_filters = strict_filters
        super().__init__(
            renderer=Renderer(), parser=_StrictParser(), default_router=Router(), auth=Guard(()), **options
        )
        failures.install(self)

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        request.api = self  # type: ignore[attr-defined]
        return super().create_temporal_response(request)

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        for bound in self._get_bound_routers():
            for view in bound.path_operations.values():
                for operation in view.operations:
                    if "GET" in operation.methods and (found := parameters.of_list(operation.view_func)):
                        operation.openapi_extra = {**(operation.openapi_extra or {}), "parameters": found}
        schema = super().get_openapi_schema(**options)
        schema["components"]["securitySchemes"] = {"Token": _TOKEN_SCHEME}
        schema["security"] = [{"Token": []}]
        return schema

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        errors: list[dict[str, Any]] = []
        for context in error_contexts:
            single = getattr(context.model, "__read_from_single_attr__", None)
            flat = getattr(context.model, "__ninja_flatten_map_reverse__", {})
            for error in context.pydantic_validation_error.errors(include_url=False, include_input=False):
                location = tuple(error["loc"])
                if single and location[:1] == (single,):
                    location = location[1:]
                elif location in flat:
                    location = tuple(flat[location])
                elif len(location) > 1 and flat:
                    location = location[1:]
                errors.append({"loc": location, "msg": error["msg"], "type": error["type"]})
        return ValidationError(errors)


def api(title: str, *, system: str, strict_filters: bool, version: str = "1", **options: Any) -> Api:
    """An API of a system; documentation under `docs/`.

    :param strict_filters: unknown query parameters are refused (400) instead of ignored.
    """
    return Api(
        title=title,
        version=version,
        system=system,
        strict_filters=strict_filters,
        urls_namespace=f"{system}-{slugify(title)}",
        docs_url="/docs/",
        openapi_url="/openapi.json",
        **options,
    )


def endpoints(api: Api) -> list[Endpoint]:
    """All endpoints of an API, so that a test can try each of them."""
    found = []
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            full = "/" + "/".join(part.strip("/") for part in (bound.prefix, path) if part.strip("/"))
            full = full + "/" if path.endswith("/") and full != "/" else full
            for operation in view.operations:
                scopes = _scopes_of(operation.view_func) or ()
                found += [
                    Endpoint(
                        method=method, path=full, scope=scopes[0], scopes=scopes, view=operation.view_func
                    )
                    for method in operation.methods
                ]
    return found
