"""What a spreadsheet gets."""


def no_formula(text: object) -> str:
    """Keep a spreadsheet from reading a text that somebody typed as a formula (OWASP, CSV injection)."""
    shown = "" if text is None else str(text)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "\t", "\r")) else shown
