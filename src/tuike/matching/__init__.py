"""Shops and promoters find each other: requests that shops publish for a targeted plan, and the directory of promoters
who agreed to be found, with their level of sales and conversion, and nothing about the person.

Knows what was asked and who agreed; who is in a plan and at which rate is the plans' business.
"""
