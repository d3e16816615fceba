"""Plain British dates and amounts; Django's own "en" is American."""

DATE_FORMAT = "j\N{NO-BREAK SPACE}F Y"
SHORT_DATE_FORMAT = "d/m/Y"
DATETIME_FORMAT = "j\N{NO-BREAK SPACE}F Y, H:i"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
TIME_FORMAT = "H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j\N{NO-BREAK SPACE}F"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y"]
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
