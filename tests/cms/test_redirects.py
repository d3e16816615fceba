"""A renamed page is found at its old address by whom may open it, and by nobody else."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction, Site

from accounts.models import User
from home.models import ContentPage, HomePage

pytestmark = pytest.mark.django_db


def test_an_old_address_leads_only_to_what_one_may_open(client: Client, site: Site, home: HomePage) -> None:
    page = home.add_child(instance=ContentPage(title="Nieuw", slug="nieuw-en-geheim", locale=home.locale))
    Redirect.objects.create(old_path="/nl/oud", site=site, redirect_page=page)
    Redirect.objects.create(old_path="/nl/elders", site=site, redirect_link="/nl/?x=1")
    assert client.get("/nl/oud/")["Location"] == page.url
    assert client.get("/nl/oud/?from=mail")["Location"] == page.url
    group = Group.objects.create(name="readers")
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="groups")
    restriction.groups.add(group)
    refused = client.get("/nl/oud/")
    assert refused.status_code == 404
    assert b"nieuw-en-geheim" not in refused.content
    assert client.get("/nl/elders/").status_code in (301, 302)
    reader = User.objects.create_user("reader@demo.example")
    reader.groups.add(group)
    client.force_login(reader)
    assert client.get("/nl/oud/")["Location"] == page.url
