"""What every module needs of the database and Django doesn't give: id blocks, bulk rows, retries, rights. No tables."""
