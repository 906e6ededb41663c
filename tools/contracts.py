"""Contracts for import-linter that it doesn't bring along."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Entrances(Contract):
    """A module is entered through its public files only; its `models` by other `models` only (foreign keys)."""

    type_name = "entrances"

    package = fields.StringField()
    public = fields.ListField(subfield=fields.StringField())
    also_public = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    open_packages = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Return whether every import of another module's file goes through an entrance."""
        broken = [
            (importer, imported)
            for importer in sorted(graph.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if self._forbidden(importer, imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say which imports go around the entrances."""
        for importer, imported in check.metadata["broken"]:
            output.print_error(f"{importer} reaches inside: {imported}", bold=False)

    def _forbidden(self, importer: str, imported: str) -> bool:
        theirs, ours = imported.split("."), importer.split(".")
        if theirs[0] != self.package or len(theirs) < 3 or theirs[1] in self.open_packages:  # type: ignore[operator]
            return False
        if ours[:2] == theirs[:2]:
            return False
        if theirs[2] == "models":
            return len(ours) < 3 or ours[2] != "models" or ours[0] != self.package
        # Deeper than the entrance is inside again: `service.refund` of a package `service` isn't for others.
        inside = len(theirs) > 3 or theirs[2] not in self.public  # type: ignore[operator]
        return inside and ".".join(theirs[1:]) not in self.also_public  # type: ignore[operator]
