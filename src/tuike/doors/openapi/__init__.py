"""The door for parties' own software: `/api/v1`, by access token or signed call, described in OpenAPI 3.1.

It refuses to know how anything is computed: it parses, authorises, makes one call, renders.
"""
