import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.management import call_command
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from cms.models import SearchEntry, SiteDocument, Term
from cms.search import indexing
from cms.search.indexing import indexed_at_the_end, rebuild, refresh_access
from cms.search.queries import find
from cms.search.vocabulary import current_vocabulary


def urls(query, **options):
    found = find(query, language="nl", **options).found
    return [SearchEntry.objects.get(pk=one.entry_id).url for one in found]


@pytest.fixture
def restrict():
    def close(thing, *groups):
        model, name = (
            (CollectionViewRestriction, "collection")
            if isinstance(thing, Collection)
            else (PageViewRestriction, "page")
        )
        restriction = model(restriction_type="groups", **{name: thing})
        restriction.save()
        restriction.groups.set(groups)
        return restriction

    return close


def add_document(title, collection=None, **fields):
    fields = {"collection": collection} if collection else {} | fields
    return SiteDocument.objects.create(title=title, file=ContentFile(b"x", name="nota.pdf"), **fields)


def test_what_is_loaded_together_is_indexed_once_at_the_end(write):
    gone = write("Oude daken", "Leien op scholen")
    with indexed_at_the_end():
        write("Zonnedaken", "Panelen op scholen")
        gone.unpublish()
        assert urls("panelen") == []
    assert urls("panelen") == ["/nl/zonnedaken/"]
    assert urls("leien") == []

    def break_off():
        with indexed_at_the_end():
            write("Groendaken", "Vetkruid op scholen")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert urls("vetkruid") == []
    write("Groene daken", "Mos op scholen")
    assert urls("mos") == ["/nl/groene-daken/"]


def test_a_page_is_found_while_it_is_published(write):
    page = write("Zonnedaken", "Panelen op scholen")
    assert urls("panelen") == ["/nl/zonnedaken/"]
    page.unpublish()
    assert urls("panelen") == []
    page.save_revision().publish()
    assert urls("panelen") == ["/nl/zonnedaken/"]
    page.delete()
    assert urls("panelen") == []


def test_a_draft_is_not_found_before_it_is_published(write):
    page = write("Zonnedaken")
    page.title = "Windmolens"
    revision = page.save_revision()
    assert urls("windmolens") == []
    assert urls("zonnedaken") != []
    revision.publish()
    assert urls("windmolens") != []
    assert urls("zonnedaken") == []


def test_addresses_follow_a_renamed_parent_and_a_move(home, write, django_capture_on_commit_callbacks):
    parent, other = write("Ouder"), write("Ander")
    child = parent.add_child(instance=type(parent)(title="Kindpagina", slug="kindpagina"))
    parent.slug = "hernoemd"
    with django_capture_on_commit_callbacks(execute=True):
        parent.save()
    assert urls("kindpagina") == ["/nl/hernoemd/kindpagina/"]
    child.refresh_from_db()
    child.move(other, "last-child")
    assert urls("kindpagina") == ["/nl/ander/kindpagina/"]


def test_children_of_a_deleted_page_are_forgotten(write):
    parent = write("Ouder")
    parent.add_child(instance=type(parent)(title="Kindpagina", slug="kindpagina"))
    type(parent).objects.get(pk=parent.pk).delete()
    assert urls("kindpagina") == []


def test_a_closed_page_is_found_only_with_its_key(write, restrict):
    page = write("Ledenhoek")
    below = page.add_child(instance=type(page)(title="Kernverslag", slug="kernverslag"))
    restriction = restrict(page, Group.objects.create(name="leden"))
    assert urls("kernverslag") == []
    assert urls("kernverslg") == []
    assert find("kernverslg", language="nl").corrected == ""
    assert urls("kernverslag", keys={f"page:{page.pk}"}) == ["/nl/ledenhoek/kernverslag/"]
    second = restrict(below, Group.objects.create(name="bestuur"))
    assert urls("kernverslag", keys={f"page:{page.pk}"}) == []
    assert urls("kernverslag", keys={f"page:{page.pk}", f"page:{below.pk}"}) != []
    second.delete()
    restriction.delete()
    assert urls("kernverslag") != []


def test_a_page_made_under_a_closed_one_is_closed_from_the_start(write, restrict):
    page = write("Ledenhoek")
    restrict(page, Group.objects.create(name="leden"))
    page.add_child(instance=type(page)(title="Kernverslag", slug="kernverslag"))
    assert urls("kernverslag") == []


def test_documents_are_found_once_and_only_by_who_may_have_them(site, restrict):
    open_one = add_document("Jaarverslag mobiliteit")
    collection = Collection.get_first_root_node().add_child(name="Bestuur")
    closed = add_document("Jaarverslag vertrouwelijk", collection)
    restrict(collection, Group.objects.create(name="bestuur"))
    assert urls("jaarverslag") == [open_one.url]
    assert urls("jaarverslag", keys={f"collection:{collection.pk}"}) == [open_one.url, closed.url]
    open_one.title = "Nieuwe naam"
    open_one.save()
    assert urls("jaarverslag") == []
    assert urls("nieuwe naam") == [open_one.url]
    open_one.delete()
    assert urls("nieuwe naam") == []


def test_a_moved_collection_is_closed_by_the_next_round_of_work(site, restrict):
    root = Collection.get_first_root_node()
    closed, free = root.add_child(name="Dicht"), root.add_child(name="Open")
    restrict(closed, Group.objects.create(name="bestuur"))
    add_document("Jaarverslag", Collection.objects.get(pk=free.pk))
    Collection.objects.get(pk=free.pk).move(Collection.objects.get(pk=closed.pk), "sorted-child")
    assert refresh_access() == 2
    assert urls("jaarverslag") == []
    assert refresh_access() == 0


def test_rebuilding_gives_the_same_index(write, capsys):
    write("Zonnedaken", "Panelen op scholen")
    add_document("Jaarverslag")
    fields = ("source", "object_id", "language", "title", "url", "text", "access", "digest")
    before = set(SearchEntry.objects.values_list(*fields))
    SearchEntry.objects.filter(title="Zonnedaken").delete()
    call_command("rebuild_search")
    assert set(SearchEntry.objects.values_list(*fields)) == before
    assert f"{len(before)} search entries" in capsys.readouterr().out
    assert rebuild() == len(before)


def test_saving_again_what_did_not_change_writes_no_words(write, django_assert_max_num_queries):
    page = write("Zonnedaken", "Panelen op scholen")
    before = SearchEntry.objects.get(object_id=page.pk).indexed_at
    page.save()
    assert SearchEntry.objects.get(object_id=page.pk).indexed_at == before


def test_what_has_a_term_is_found_by_the_terms_new_name(write):
    page, other = write("Zonnedaken"), write("Deelfietsen")
    term = Term.objects.filter(kind=Term.Kind.DOMAIN)[0]
    page.terms.add(term)
    page.save()
    before = SearchEntry.objects.get(object_id=other.pk).indexed_at
    term.name_nl = "Waterstof"
    term.save()
    assert urls("waterstof") == [page.url]
    assert SearchEntry.objects.get(object_id=other.pk).indexed_at == before


def test_the_vocabulary_follows_the_index(write):
    page = write("Zonnedaken")
    assert current_vocabulary().starting("zonne", {""}) == ["zonnedaken"]
    assert current_vocabulary() is current_vocabulary()
    page.delete()
    assert current_vocabulary().starting("zonne", {""}) == []


def test_a_page_is_of_the_kind_that_its_app_registered(article, write):
    write("Zonnedaken")
    kinds = dict(SearchEntry.objects.filter(language="nl").values_list("title", "kind"))
    assert kinds["Sensoren in de binnenstad"] == "news"
    assert kinds["Zonnedaken"] == "page"
    assert SearchEntry.objects.get(kind="news").shown_on == article.published_on


def test_set_up_mends_the_index_and_reads_again_what_is_read_otherwise(write, monkeypatch):
    page = write("Zonnedaken", "Panelen op scholen")
    SearchEntry.objects.all().delete()
    assert indexing.refresh_all() == "3 entries"
    before = SearchEntry.objects.get(object_id=page.pk).indexed_at
    indexing.refresh_all()
    assert SearchEntry.objects.get(object_id=page.pk).indexed_at == before
    monkeypatch.setattr(indexing, "_analysis", lambda: "another glossary")
    indexing.refresh_all()
    assert SearchEntry.objects.get(object_id=page.pk).indexed_at > before


def test_a_page_that_waits_for_its_translation_is_found_in_its_own_language_alone(write, home_en):
    page = write("Zonnedaken")
    alias = page.copy_for_translation(home_en.locale, alias=True)
    assert alias.live
    alias.save()
    assert urls("zonnedaken") == ["/nl/zonnedaken/"]
    assert SearchEntry.objects.filter(title="Zonnedaken").count() == 1
