"""Pages that show extractions beside the text they come from."""
