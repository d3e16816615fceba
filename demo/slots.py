"""What the demo adds to the platform's pages."""

from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from demo.operations.logins import PASSWORD, log_ins


def offer_log_ins(context: Context) -> SafeString:
    """Show each log-in of the demo as a button below the form to log in."""
    people = [
        {"email": row["email"], "label": row[f"label_{get_language()}"], "name": row["first_name"]}
        for row in log_ins()
    ]
    words = {
        "people": people,
        "password": PASSWORD,
        "csrf_token": context.get("csrf_token"),
        "redirect_field": context.get("redirect_field"),
    }
    return render_to_string("demo/log_ins.html", words)


def offer_bank_file(context: Context) -> SafeString:
    """Offer a bank file to try the upload with."""
    return render_to_string("demo/bank_file.html")
