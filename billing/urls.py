"""The customer's invoices: behind a private link, or for a person who is logged in."""

from django.urls import path

from billing.views import InvoiceByLink, InvoiceByPerson

app_name = "billing"

urlpatterns = [
    path("l/<str:token>/", InvoiceByLink.as_view(), name="invoice"),
    path("l/<str:token>/pdf/", InvoiceByLink.as_view(part="pdf"), name="invoice_pdf"),
    path("l/<str:token>/pay/", InvoiceByLink.as_view(part="pay"), name="invoice_pay"),
    path("<int:pk>/", InvoiceByPerson.as_view(), name="own_invoice"),
    path("<int:pk>/pdf/", InvoiceByPerson.as_view(part="pdf"), name="own_invoice_pdf"),
    path("<int:pk>/pay/", InvoiceByPerson.as_view(part="pay"), name="own_invoice_pay"),
]
