"""Open data: the books as Parquet files for one's own analysis, by table and day, all of one snapshot.

Reads the database and writes files below one folder; knows nothing of who asked nor of what a page shows.
"""
