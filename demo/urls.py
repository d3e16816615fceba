"""Addresses of the demo, which exist only where the demo app is installed."""

from django.urls import path

from demo import views

urlpatterns = [
    path("bank/", views.bank_file, name="demo_bank_file"),
    path("mail/", views.mailbox, name="demo_mailbox"),
    path("mail/<int:pk>/", views.mail, name="demo_mail"),
    path("mail/<int:pk>/html/", views.mail_html, name="demo_mail_html"),
    path("mail/files/<int:pk>/", views.mail_file, name="demo_mail_file"),
]
