"""The live boards of the four consoles: their pages, what these ask for, and the streams of an own process."""
