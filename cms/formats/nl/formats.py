"""Flemish dates and amounts: 3 december 2026, 14.00 uur; 1.250,00."""

DATE_FORMAT = "j\N{NO-BREAK SPACE}F Y"
SHORT_DATE_FORMAT = "d/m/Y"
DATETIME_FORMAT = "j\N{NO-BREAK SPACE}F Y, G.i\N{NO-BREAK SPACE}\\u\\u\\r"
SHORT_DATETIME_FORMAT = "d/m/Y H.i"
TIME_FORMAT = "G.i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j\N{NO-BREAK SPACE}F"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y", "%Y-%m-%d", "%d %B %Y"]
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3
