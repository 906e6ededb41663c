"""Pages for a party's engineers: where its software is told what happened, and how that went."""
