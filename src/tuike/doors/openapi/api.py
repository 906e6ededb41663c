"""The API: its parts, its description, its pages."""

from importlib.metadata import version
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

from tuike.apps.types import WORDS
from tuike.doors.openapi import (
    changes,
    earnings,
    enrolments,
    goods,
    leading,
    library,
    material,
    money,
    offered,
    opportunities,
    party,
    places,
    problems,
    rates,
    reports,
    sales,
    targeting,
)
from tuike.doors.openapi.callers import Needs
from tuike.doors.openapi.frame import framed
from tuike.doors.openapi.problems import MEDIA_TYPE
from tuike.doors.web.described import DeclaredJson, Pages
from tuike.parties.types import PartyKind

SIGNED = ("Tuike-App", "Tuike-Timestamp", "Tuike-Nonce", "Tuike-Signature")
_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "访问令牌：换取，或在工作台创建。 · An access token, exchanged or personal.",
    },
} | {
    name: {"type": "apiKey", "in": "header", "name": name, "description": "签名调用 · A signed call."}
    for name in SIGNED
}
_DESCRIPTION = (
    "推客、商家与团长的软件接口。金额均为整数分（`_fen`），比例均为万分之一整数（`_bps`），时间为 UTC，"
    "日期为北京时间的自然日。\n\n"
    "For software of promoters, merchants and leaders. Amounts are whole fen (`_fen`), rates whole ten-thousandths"
    " (`_bps`), instants UTC, days natural days in Shanghai. Writes carry an `Idempotency-Key`; refusals are RFC 9457"
    " problems with a stable `type` and `code`; `RateLimit-*` headers say how many calls are left."
)


class Plain(JSONRenderer):
    """JSON in UTF-8, Chinese as it is."""

    json_dumps_params: ClassVar[dict[str, Any]] = {"ensure_ascii": False}


class Api(NinjaAPI):
    """The API with what its description adds: security with scopes, problems by their own media type."""

    _made: Any = None

    def get_openapi_schema(self, **more: Any) -> Any:
        """Return the description; made once a process."""
        if self._made is None:
            self._made = self._schema(**more)
        return self._made

    def _schema(self, **more: Any) -> Any:
        schema = super().get_openapi_schema(**more)
        needs = {self.get_openapi_operation_id(one): _needs(one) for one in self.operations()}
        for operations in schema["paths"].values():
            for operation in operations.values():
                _described(operation, needs[operation["operationId"]])
        schema["components"]["securitySchemes"] = _SECURITY
        return schema

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return an operation's name: the function's, which is unique in this door."""
        return operation.operation_id or operation.view_func.__name__

    def operations(self) -> list[Operation]:
        """Return every operation."""
        views = [view for bound in self._get_bound_routers() for view in bound.path_operations.values()]
        return [operation for view in views for operation in view.operations]


def _needs(operation: Operation) -> Needs | None:
    return next((one for one in operation.auth_callbacks if isinstance(one, Needs)), None)


def _described(operation: dict[str, Any], needs: Needs | None) -> None:
    """Say in the description who may call, and in which form refusals come."""
    for status, answer in operation["responses"].items():
        if int(status) >= 400 and "content" in answer:
            answer["content"] = {MEDIA_TYPE: answer["content"].pop("application/json")}
    if needs is None:
        operation["security"] = []
        return
    operation["x-scope"] = needs.scope.value
    operation["x-parties"] = [kind.value for kind in needs.kinds or (*PartyKind,) if kind is not PartyKind.OPERATOR]
    operation["security"] = [{"token": [needs.scope.value]}, {name: [needs.scope.value] for name in SIGNED}]
    zh, en = WORDS[needs.scope]
    told = operation.get("description", "")
    operation["description"] = f"{told}\n\nScope `{needs.scope.value}`: {zh} · {en}."


api = Api(
    title="Tuike Open API · 推客开放接口",
    version=version("tuike"),
    description=_DESCRIPTION,
    docs=Pages(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="openapi",
    parser=DeclaredJson(),
    renderer=Plain(),
)
problems.install(api)
api.add_router("", party.router)
for part in (places, library, material, opportunities):
    api.add_router("/promoter", part.router)
for part in (goods, rates, targeting, enrolments, sales, reports):
    api.add_router("/merchant", part.router)
api.add_router("/promoter", offered.promoter)
api.add_router("/promoter", earnings.promoter)
api.add_router("/leader", leading.router)
api.add_router("/leader", offered.leader)
api.add_router("/leader", earnings.leader)
for kind in (PartyKind.PROMOTER, PartyKind.MERCHANT, PartyKind.LEADER):
    api.add_router(f"/{kind.value}", money.router_of(kind))
    api.add_router(f"/{kind.value}", changes.router_of(kind))


def explain_problem(request: HttpRequest, code: str) -> HttpResponse:
    """Explain a problem's type."""
    return problems.explained(request, code)


def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer for addresses below /api/v1/ that don't exist."""
    return problems.by_status(request, 404)


def addresses() -> list[URLPattern]:
    """Return the addresses of the API, each with its frame around it."""
    for operation in api.operations():
        needs = _needs(operation)
        if needs is not None:
            names = [one.__ninja_flatten_map__ for one in operation.models if one.__ninja_param_source__ == "query"]
            needs.parameters = frozenset(name for flat in names for name in flat)
    methods: dict[str, set[str]] = {}
    for bound in api._get_bound_routers():
        for route, view in bound.path_operations.items():
            at = methods.setdefault(f"{bound.prefix}{route}".replace("{", "<").replace("}", ">").strip("/"), set())
            at |= {method for operation in view.operations for method in operation.methods}
    made = []
    for pattern in api.urls[0]:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        callback = framed(pattern.callback, methods.get(route.strip("/"), {"GET"}))
        made.append(path(route, callback, name=pattern.name))
    made.append(path("problems/<str:code>", framed(_reading(explain_problem), {"GET"}), name="problem"))
    made.append(re_path(r"^(?P<rest>.*)$", framed(missing, {"GET"}), name="missing"))
    return made


def _reading(view: Any) -> Any:
    def read(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if request.method != "GET":
            return HttpResponse(status=405)
        return view(request, **kwargs)

    return read
