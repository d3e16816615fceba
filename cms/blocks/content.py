"""The blocks of which articles, pages, cases and calls are made."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock

RICH_TEXT_FEATURES = ["h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class LinkBlock(blocks.StructBlock):
    """A link with a text to one page or one other address."""

    label = blocks.CharBlock(label=_("Text"), max_length=80)
    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    url = blocks.URLBlock(label=_("Other address"), required=False)

    class Meta:
        icon = "link"
        label = _("Link")

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        """Refuse a link that leads nowhere, or to two places."""
        value = super().clean(value)
        if bool(value["page"]) == bool(value["url"]):
            raise blocks.StructBlockValidationError(
                {"page": ValidationError(_("Choose a page or type another address, one of the two."))}
            )
        return value


class QuoteBlock(blocks.StructBlock):
    """Words of somebody, with their source."""

    text = blocks.TextBlock(label=_("Text"))
    source = blocks.CharBlock(label=_("Source"), required=False, max_length=120)

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "blocks/quote.html"


class PictureBlock(blocks.StructBlock):
    """An image with its caption; the description for who can't see it is part of the image block."""

    image = ImageBlock(label=_("Image"))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=200)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "blocks/picture.html"


class KeyFigureBlock(blocks.StructBlock):
    """A number and what it counts."""

    value = blocks.CharBlock(label=_("Figure"), max_length=40)
    label = blocks.CharBlock(label=_("What it says"), max_length=120)


class KeyFiguresBlock(blocks.StructBlock):
    """A few numbers side by side."""

    items = blocks.ListBlock(KeyFigureBlock(), label=_("Figures"), min_num=1, max_num=4)

    class Meta:
        icon = "table"
        label = _("Key figures")
        template = "blocks/key_figures.html"


class CallToActionBlock(blocks.StructBlock):
    """One sentence and one button."""

    text = blocks.TextBlock(label=_("Text"), max_length=200)
    link = LinkBlock(label=_("Button"))

    class Meta:
        icon = "pick"
        label = _("Call to action")
        template = "blocks/call_to_action.html"


class QuestionBlock(blocks.StructBlock):
    """A question and its answer."""

    question = blocks.CharBlock(label=_("Question"), max_length=200)
    answer = blocks.RichTextBlock(label=_("Answer"), features=RICH_TEXT_FEATURES)


class QuestionsBlock(blocks.StructBlock):
    """Questions that open to show their answers."""

    items = blocks.ListBlock(QuestionBlock(), label=_("Questions"), min_num=1)

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "blocks/questions.html"


class BodyBlock(blocks.StreamBlock):
    """The body of a page."""

    heading = blocks.CharBlock(
        label=_("Heading"), icon="title", max_length=120, template="blocks/heading.html"
    )
    paragraph = blocks.RichTextBlock(
        label=_("Text"), icon="pilcrow", features=RICH_TEXT_FEATURES, template="blocks/paragraph.html"
    )
    quote = QuoteBlock()
    picture = PictureBlock()
    key_figures = KeyFiguresBlock()
    call_to_action = CallToActionBlock()
    download = DocumentChooserBlock(label=_("Document"), icon="download", template="blocks/download.html")
    questions = QuestionsBlock()

    class Meta:
        block_counts = {"key_figures": {"max_num": 3}}
