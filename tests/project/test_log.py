"""Every public operation leaves a line in the log, itself or through what it calls; or says here why not."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WRITES_A_LINE = {"cms.log.record", "wagtail.log_actions.log"}

# What needs no line, each with its reason. The demo's own operations make up a life; they are not listed.
REASONS = {
    "accounts.operations.erasure.erase_person": "the part of accounts writes the line",
    "accounts.operations.sessions.prune_sessions": "deletes what is over; `run_due` counts it",
    "billing.operations.bank_lines.change_entry": "the operation that decides about the line writes it",
    "billing.operations.charge_outcomes.follow_charge": "the try that is written has a line",
    "billing.operations.charge_outcomes.lock_charge": "changes nothing",
    "billing.operations.checkout.close_checkouts": "the payment or credit note that causes it has a line",
    "billing.operations.checkout.known_at_stripe": "the payment that is started has a line",
    "billing.operations.checkout.make_for": "the payment that is started has a line",
    "billing.operations.checkout.may_pay_online": "changes nothing",
    "billing.operations.delivery.mail_seal": "changes nothing",
    "billing.operations.delivery.private_url": "the operation that mails the link writes the line",
    "billing.operations.free_invoices.find_vat_gaps": "changes nothing",
    "billing.operations.free_invoices.preview_free_invoice": "changes nothing",
    "billing.operations.issuing.draw_up": "the operation that issues it writes the line",
    "billing.operations.means.let_go": "the end that causes it has a line",
    "billing.operations.means_news.hear_of_setup": "the message kept is the line",
    "billing.operations.plan_mail.mail_of_plan": "the operation that causes it writes the line",
    "billing.operations.notices.tell_debit_refused": "the message of Stripe that is kept is the line",
    "billing.operations.notices.tell_refund": "the refund that causes it has a line",
    "billing.operations.notices.tell_returned": "the chargeback that causes it has a line",
    "billing.operations.plans.is_too_much": "changes nothing",
    "billing.operations.plans.means_to_charge": "changes nothing",
    "billing.operations.plans.means_to_charge_anew": "changes nothing",
    "billing.operations.refunds.ask_refunds_again": "asks for what has a line already",
    "billing.operations.stripe_events.keep_event": "the message kept is the line",
    "billing.operations.undoing.undo_key": "changes nothing",
    "billing.operations.vat_checks.want_due_checks": "the answer that is kept writes the line",
    "billing.operations.vat_checks.want_vat_check": "the answer that is kept writes the line",
    "billing.operations.visits.ask_about_visits": "asks about what has a line already",
    "billing.operations.writing.follow_invoice": "the payment or credit note that causes it has a line",
    "billing.operations.writing.stored_line": "changes nothing",
    "billing.operations.writing.write_document": "the operation that issues it writes the line",
    "cms.operations.links.create_link": "the operation that mails the link writes the line",
    "cms.operations.links.prune_links": "deletes what opens nothing any more; `run_due` counts it",
    "cms.operations.links.resolve_link": "changes nothing",
    "cms.operations.links.revoke_links": "the operation that closes the link writes the line",
    "cms.operations.periodic.each": "what it does with each thing writes the line",
    "cms.operations.periodic.publish_scheduled": "Wagtail writes a line about each page",
    "cms.operations.periodic.run_due_work": "keeps a row of its own about each entry",
    "cms.operations.publishing.leads": "changes nothing",
    "cms.operations.publishing.publish_row": "Wagtail writes a line when the page is published",
    "cms.operations.queue.prune_tasks": "deletes what is over; `run_due` counts it",
    "cms.operations.queue.requeue_tasks": "the machine's own work, counted with the task",
    "cms.operations.roles.mend_roles": "the roles are code; `run_due` counts what it mends",
    "events.operations.privacy.forget_attendees": "a line would keep what it forgets",
    "extranet.operations.library.close_to_visitors": "Wagtail writes a line about the new page",
    "extranet.operations.library.collection_name": "changes nothing",
    "membership.operations.access.reconcile_access": "repairs groups; `run_due` counts it",
    "membership.operations.access.update_access": "the operation on the membership writes the line",
    "membership.operations.charges.add_charge": "the operation that causes the charge writes the line",
    "membership.operations.charges.lock_membership": "changes nothing",
    "membership.operations.organisations.add_unconfirmed_organisation": "the sign-up writes the line",
    "membership.operations.organisations.lock_number": "changes nothing",
    "membership.operations.organisations.recognise_organisation": "the sign-up writes the line",
    "membership.operations.passing_on.was_passed_on": "changes nothing",
    "membership.operations.people.close_links_of": "the change of the address has a line",
    "membership.operations.people.lock_member": "changes nothing",
    "membership.operations.people.lock_people": "changes nothing",
    "membership.operations.people.why_needed": "changes nothing",
    "membership.operations.rights.check_changeable": "changes nothing",
    "membership.operations.rights.check_right": "changes nothing",
    "membership.operations.terms.each_running": "what it does with each writes the line",
    "membership.operations.terms.open_invoices": "the mail that holds the links has a line",
    "membership.operations.terms.tell_changed": "the operation that changed something writes the line",
    "newsletters.operations.subscriptions.forget_unconfirmed": "a line would keep what it forgets",
}


class Module:
    """The names of one module, and what each of its functions calls."""

    def __init__(self, path: Path) -> None:
        self.name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(path.read_text())
        self.names: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self.names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        for function in functions:
            self.names[function.name] = f"{self.name}.{function.name}"
        self.calls = {
            f"{self.name}.{function.name}": {
                name
                for node in ast.walk(function)
                if isinstance(node, ast.Call)
                for name in self._called(node.func)
            }
            for function in functions
        }

    def _called(self, function: ast.expr) -> list[str]:
        if isinstance(function, ast.Name):
            return [self.names.get(function.id, "")]
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            return [f"{self.names.get(function.value.id, '')}.{function.attr}"]
        return []


APPS = sorted(path.parent.name for path in ROOT.glob("*/apps.py") if path.parent.name != "demo")
MODULES = [
    Module(path)
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]
CALLS = {name: called for module in MODULES for name, called in module.calls.items()}
OPERATIONS = sorted(
    name
    for module in MODULES
    if ".operations." in module.name
    for name in module.calls
    if not name.rpartition(".")[2].startswith(("_", "load_"))
)


def leaves_a_line(name: str, seen: frozenset[str] = frozenset()) -> bool:
    """Follow the calls of our own functions until one writes a line."""
    if name in WRITES_A_LINE:
        return True
    return name not in seen and any(leaves_a_line(called, seen | {name}) for called in CALLS.get(name, ()))


def test_there_are_operations_to_look_at() -> None:
    """An empty list would let every operation pass."""
    assert len(OPERATIONS) > 20
    assert leaves_a_line("cms.operations.queue.retry_task")
    assert not leaves_a_line("cms.operations.queue.prune_tasks")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_leaves_a_line_or_says_why_not(operation: str) -> None:
    """Data of reference (`load_...`) is made by set-up, which prints what it does."""
    assert leaves_a_line(operation) != (operation in REASONS), (
        f"{operation} must call cms.log.record, or stand in REASONS with a reason; not both"
    )


def test_every_reason_is_about_an_operation_that_exists() -> None:
    """A reason must not outlive its operation."""
    assert set(REASONS) <= set(OPERATIONS)
