"""The tables: their schema, writing, publishing, reading and exporting."""
