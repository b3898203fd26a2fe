"""The measures: one file each, holding MEASURE."""
