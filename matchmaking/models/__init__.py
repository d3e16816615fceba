"""Calls and case studies: ledger rows and the pages that tell of them."""

from matchmaking.models.call_pages import CallIndexPage, CallPage
from matchmaking.models.calls import Call, CallFacts
from matchmaking.models.case_pages import CaseIndexPage, CasePage
from matchmaking.models.cases import CaseFacts, CaseStudy

__all__ = [
    "Call",
    "CallFacts",
    "CallIndexPage",
    "CallPage",
    "CaseFacts",
    "CaseIndexPage",
    "CasePage",
    "CaseStudy",
]
