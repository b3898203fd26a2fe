"""The laws of every charter: one file each, holding LAW."""
