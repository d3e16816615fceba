"""The code lists of Peppol BIS Billing 3.0, as far as a Belgian association meets them. No Django."""

from babel import Locale

_SCHEMES = """
0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188
0190 0191 0192 0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213
0215 0216 0217 0218 0221 0225 0230 0235 0240 9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926
9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947
9948 9949 9950 9951 9952 9953 9957 9959
"""
ENDPOINT_SCHEMES = frozenset(_SCHEMES.split())
"""Electronic address schemes (EAS), as both EN 16931 (2026) and Peppol (May 2025) know them."""

_REASONS = """
132 132-1A 132-1B 132-1C 132-1D 132-1E 132-1F 132-1G 132-1H 132-1I 132-1J 132-1K 132-1L 132-1M 132-1N
132-1O 132-1P 132-1Q 135-1 143 143-1A 143-1B 143-1C 143-1D 143-1E 143-1F 143-1FA 143-1G 143-1H 143-1I
143-1J 143-1K 143-1L 144 146-1E 148 148-A 148-B 148-C 148-D 148-E 148-F 148-G 151 151-1A 151-1AA 151-1B
151-1C 151-1D 151-1E 153 159 309 79-C AE D F G I IC J O
"""
REASON_CODES = frozenset(f"VATEX-EU-{code}" for code in _REASONS.split())
"""Why no VAT is due (VATEX, EN 16931, 2026)."""

INVOICE_TYPES = frozenset(("71", "380"))
"""UNCL1001: request for payment, commercial invoice."""
CREDIT_NOTE_TYPES = frozenset(("381",))
CREDIT_TRANSFERS = frozenset(("30", "58"))
"""UNCL4461: credit transfer, SEPA credit transfer."""
OTHER_MEANS = frozenset(("10", "68"))
"""UNCL4461: in cash, online payment service. Nothing is transferred, so they name no account."""
UNITS = frozenset(("ANN", "C62", "DAY", "E48", "H87", "HUR", "KMT", "MIN", "MON", "WEE"))
"""UN/ECE recommendation 20: year, one, day, service, piece, hour, kilometre, minute, month, week."""
CATEGORIES = frozenset(("S", "E", "AE", "O"))
"""UNCL5305: standard, exempt, reverse charge, outside the scope."""

_OTHERS = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ"
COUNTRIES = frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2) - set(
    _OTHERS.split()
)
"""ISO 3166-1: what Unicode names, without unions, test codes and parts of countries."""
