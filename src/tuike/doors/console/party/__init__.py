"""Pages that several kinds of party share: certification, administrators, funds, account."""
