"""The mall in a browser: serves the built pages at `/m/`, and says what is going on while there are none.

It knows nothing of what the pages show: they ask the storefront's API like every other client."""
