"""CSV files of stock figures over REST."""

from typing import Any

from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.stock import import_schemas as schemas
from ambar.oms.stock.actions.import_file import cancel_import, resume_import, store_file
from ambar.oms.stock.api.callers import own
from ambar.oms.stock.models import Import, ImportFault

router = rest.Router()

FILTERS = rest.Filters({"id": rest.id_list("id__in"), "state": rest.exact("state")})
FAULTS = rest.Filters({"field": rest.exact("field"), "line": rest.integer("line")})


@router.post("/stock/import/")
@rest.needs("stock:write")
@rest.idempotent
def import_stock(request: HttpRequest) -> rest.Raw:
    """Take a CSV file (`text/csv` body, or multipart with `file`); 202 at once, a worker applies it.

    Columns erp_code, sku, quantity[, unit]; `,` or `;`; UTF-8. Good rows count, each wrong row is kept with its line,
    field and reason. Too large: 413.
    """
    name, content = _file(request)
    made = store_file(
        content, name=name, bound_to=own(request), user_id=request.principal.user_id, now=clock.now()
    )
    accounts.audit(
        request.principal, "stock.import", "stock_import", made.pk, {"name": made.name, "rows": made.rows}
    )
    return rest.Raw(202, schemas.imports([made])[0], {"Location": f"/api/v1/oms/stock/imports/{made.pk}/"})


@router.get("/stock/imports/")
@rest.needs("stock:write")
def list_imports(request: HttpRequest) -> dict[str, Any]:
    """Files and how far each is, the newest first."""
    return rest.page(request, _visible(request), schemas.imports, filters=FILTERS, default_sort="-id")


@router.get("/stock/imports/{int:import_id}/")
@rest.needs("stock:write")
def read_import(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """One file: its state, how many of its rows are done, and its first hundred errors."""
    found = _one(request, import_id)
    return {**schemas.imports([found])[0], "errors": schemas.faults(found.wrong.order_by("line", "id")[:100])}


@router.get("/stock/imports/{int:import_id}/errors/")
@rest.needs("stock:write")
def list_errors(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """Every wrong row of a file: line, field and reason."""
    rows = ImportFault.objects.filter(of=_one(request, import_id))
    return rest.page(
        request, rows, schemas.faults, filters=FAULTS, sort={"line": "line", "id": "id"}, default_sort="line"
    )


@router.post("/stock/imports/{int:import_id}/cancel/")
@rest.needs("stock:write")
def stop_import(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """Stop a file after the slice under way; what is in stays and the rest can be resumed."""
    cancel_import(_one(request, import_id), now=clock.now())
    return schemas.imports([_one(request, import_id)])[0]


@router.post("/stock/imports/{int:import_id}/resume/")
@rest.needs("stock:write")
def go_on_with_import(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """Go on with a cancelled file where it stopped."""
    resume_import(_one(request, import_id), now=clock.now())
    return schemas.imports([_one(request, import_id)])[0]


def _visible(request: HttpRequest) -> Any:
    """All files, for callers bound to locations their own ones."""
    if own(request) is None:
        return Import.objects.all()
    return Import.objects.filter(created_by=request.principal.user_id)


def _one(request: HttpRequest, import_id: int) -> Import:
    found = _visible(request).filter(pk=import_id).first() if import_id < 2**63 else None
    if found is None:
        raise NotFound("Not found.")
    return found  # type: ignore[no-any-return]


def _file(request: HttpRequest) -> tuple[str, bytes]:
    kind = (request.content_type or "").lower()
    if kind == "multipart/form-data":
        try:
            files = request.FILES
        except MultiPartParserError as error:
            raise Invalid(fields={"file": [f"The multipart body can't be read: {error}"]}) from None
        if len(files) != 1 or len(files.getlist("file")) != 1:
            raise Invalid(fields={"file": ["Send one file under the name `file`."]})
        sent = files["file"]
        return sent.name or "", sent.read()
    if kind not in ("text/csv", "application/csv", "text/plain"):
        raise Invalid(fields={"file": ["Send text/csv, or multipart/form-data with `file`."]})
    return "", request.body
