"""An access point of the gateways' signatures, in memory."""

from collections import deque
from dataclasses import dataclass, field

from billing.gateways.peppol import (
    CAN,
    CANNOT,
    SENT,
    AlreadySubmitted,
    News,
    Reach,
    Submission,
)


@dataclass
class FakeAccessPoint:
    """Sends at once to whom is in `reached`; `failure` is raised instead of what is named `failing`."""

    reached: set[str] = field(default_factory=lambda: {"0208:0999888767"})
    sent: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    news: deque[News] = field(default_factory=deque)
    states: dict[str, str] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    loses_answers: bool = False
    name: str = "storecove"
    is_connected: bool = True

    def look_up(self, *, participant: str, is_note: bool) -> Reach:
        """Say whether a Peppol address takes invoices, or credit notes."""
        self._call("look_up")
        outcome = CAN if participant in self.reached else CANNOT
        return Reach(outcome, f'{{"code":"{"OK" if outcome == CAN else "NOK"}"}}')

    def send(self, *, document: bytes, participant: str, key: str, name: str) -> Submission:
        """Hand over a document once; with `loses_answers` it is taken and the sender hears nothing."""
        self._call("send", fails_after=self.loses_answers)
        if key in self.sent:
            raise AlreadySubmitted("422: idempotencyGuid: has already been taken")
        self.sent[key] = (participant, document)
        if self.loses_answers:
            self.loses_answers = False
            raise self.failing.pop("send")
        return Submission(SENT, f"guid-{key}")

    def state(self, *, external_id: str) -> Submission:
        """Return how a document stands."""
        self._call("state")
        return Submission(self.states.get(external_id, SENT), external_id)

    def next_news(self) -> News | None:
        """Return the oldest news, the same until it is dropped."""
        self._call("next_news")
        return self.news[0] if self.news else None

    def drop_news(self, *, news_id: str) -> None:
        """Forget news that was dealt with."""
        self._call("drop_news")
        if self.news and self.news[0].id == news_id:
            self.news.popleft()

    def _call(self, name: str, *, fails_after: bool = False) -> None:
        self.calls.append(name)
        if name in self.failing and not fails_after:
            raise self.failing[name]
