"""The doors: one for each kind of visitor. A door parses, authorises, makes one call, renders."""
