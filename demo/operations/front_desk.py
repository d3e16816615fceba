"""What reaches the demo's front desk: newsletters asked for, messages, invitations, pictures, a draft."""

from datetime import datetime, timedelta
from io import BytesIO

from django.core.files.images import ImageFile
from django.utils.translation import override
from PIL import Image, ImageDraw
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Locale

from accounts.models import User
from cms.models import SiteImage
from home.models import ArticlePage, ContactPage
from membership.models import Affiliation
from membership.operations.invitations import invite_colleague
from newsletters.forms import SubscribeForm
from newsletters.models import ConsentEvent
from newsletters.operations.subscriptions import confirm_subscription, request_subscription, unsubscribe

DAY = timedelta(days=1)
READERS = (
    ("jutta@zebrapad.demo.example", "nl", 160, "left"),
    ("bram@stoeprand.demo.example", "nl", 90, "confirmed"),
    ("chloe@bushalte.demo.example", "en", 41, "confirmed"),
    ("kobe@dakgoot.demo.example", "nl", 2, "asked"),
)
"""Who asked for the newsletter, in which language, so many days ago, and how far it came."""
MESSAGES = {
    "nl": (
        (
            "Hanne Rotonde",
            "hanne@rotonde.demo.example",
            "Onze gemeente wil de drukte aan drie schoolpoorten meten zonder camera's. Wie helpt ons?",
        ),
        (
            "Ilyas Fietspad",
            "ilyas@fietspad.demo.example",
            "Kunnen we nog met twee collega's aansluiten bij de focusgroep over mobiliteit?",
        ),
    ),
    "en": (
        (
            "Elif Lantern",
            "elif@lantern.demo.example",
            "We make sensors for street lighting. Which call fits a company of twelve people?",
        ),
    ),
}
INVITED = (
    ("connect@demo.example", "daan@lantaarnwerk.demo.example", "nl", 4),
    ("cultivate@demo.example", "amber@brugwachter.demo.example", "en", 1),
)
"""Which main contact invited whom, in which language, so many days ago."""
PICTURES = (
    ("Daken in de avond", "Getekende daken van een stad onder een avondlucht", (38, 52, 74), (236, 178, 96)),
    (
        "Straat in de ochtend",
        "Getekende gevels langs een straat in de ochtend",
        (206, 222, 230),
        (92, 110, 122),
    ),
)
"""Title, description, colour of the air and of the houses."""


def load_front_desk(*, at: datetime) -> str:
    """Let people ask, write and be invited, and leave an editor's change for somebody to approve."""
    for email, language, days, state in READERS:
        _subscribe(email, language, state, at=at - days * DAY)
    count = sum(_write(language, at=at) for language in MESSAGES)
    for inviting, email, language, days in INVITED:
        place = Affiliation.objects.select_related("organisation", "user").get(user__email=inviting)
        invite_colleague(
            organisation=place.organisation, email=email, language=language, at=at - days * DAY, by=place.user
        )
    editor = User.objects.get(email="redactie@demo.example")
    for title, description, air, houses in PICTURES:
        _add_picture(title, description, air, houses, by=editor)
    _submit_for_approval(by=editor)
    return f"{count} messages, {len(READERS)} readers, {len(INVITED)} invitations"


def _subscribe(email: str, language: str, state: str, *, at: datetime) -> None:
    with override(language):
        wording = str(SubscribeForm().fields["consent"].label)
    subscription = request_subscription(email=email, language=language, wording=wording, at=at)
    if state == "asked":
        return
    confirm_subscription(subscription=subscription, at=at + timedelta(minutes=9))
    if state == "left":
        unsubscribe(email=email, source=ConsentEvent.Source.SITE, at=at + 60 * DAY)


def _write(language: str, *, at: datetime) -> int:
    """Send the messages of one language by the form of its page, each a day before the other."""
    page = ContactPage.objects.get(locale=Locale.objects.get(language_code=language))
    names = [field.clean_name for field in page.get_form_fields()]
    for number, words in enumerate(MESSAGES[language], 1):
        form = page.get_form(dict(zip(names, words, strict=True)), page=page, user=None)
        if not form.is_valid():
            raise ValueError(form.errors.as_json())
        sent = page.process_form_submission(form)
        FormSubmission.objects.filter(pk=sent.pk).update(submit_time=at - number * DAY)
    return len(MESSAGES[language])


def _add_picture(
    title: str, description: str, air: tuple[int, ...], houses: tuple[int, ...], *, by: User
) -> None:
    """Draw a row of houses: a picture of nobody and of nowhere."""
    picture = Image.new("RGB", (1200, 800), air)
    pen = ImageDraw.Draw(picture)
    for number in range(10):
        left, roof = number * 120, 380 + (number * 137) % 230
        pen.rectangle((left, roof, left + 112, 800), fill=houses)
        pen.polygon([(left, roof), (left + 56, roof - 70), (left + 112, roof)], fill=houses)
        for window in range(roof + 40, 760, 80):
            pen.rectangle((left + 34, window, left + 78, window + 40), fill=air)
    content = BytesIO()
    picture.save(content, "PNG")
    SiteImage.objects.create(
        title=title,
        description=description,
        credit="Smart Cities Vlaanderen (demo)",
        file=ImageFile(content, name=f"{title.lower().replace(' ', '-')}.png"),
        uploaded_by_user=by,
    )


def _submit_for_approval(*, by: User) -> None:
    """Change the lead of an article and send it to who approves; what is published stays as it was."""
    page = ArticlePage.objects.filter(live=True, locale__language_code="nl").order_by("pk")[0]
    page.lead = f"{page.lead[:250]} Met de cijfers van dit jaar."
    page.save_revision(user=by, log_action=True)
    page.get_workflow().start(page, by)
