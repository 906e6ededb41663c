"""Alerts on figures and reports by mail: the same pages in every console, each for its own party's figures."""
