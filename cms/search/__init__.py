"""Search over pages and documents: analyser, index, vocabulary, query and page (docs/adr: search)."""
