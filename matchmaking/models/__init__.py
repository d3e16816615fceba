"""Calls and case studies: ledger rows and the pages that tell of them."""

from matchmaking.models.calls import Call, CallFacts, CallIndexPage, CallPage
from matchmaking.models.cases import CaseFacts, CaseIndexPage, CasePage, CaseStudy

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
