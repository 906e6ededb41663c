"""The door for software written for WeChat's mini-program alliance: its paths, its field names, its error codes.

Every answer is HTTP 200 with `errcode` and `errmsg`. A call is declared once (`Call`); dispatch, the description
(`/union/openapi.json`) and the table of docs/user/union-api.md come from that. Knows no rows, and no other door.
"""
