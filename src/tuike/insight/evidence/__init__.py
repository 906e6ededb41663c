"""What is known about an accrual under review: its order, the buyer's way to it, who is related, and its history.

Reads stored facts alone. Of buyers, addresses, phones, devices and payers it shows that they are the same, never who or
what they are.
"""
