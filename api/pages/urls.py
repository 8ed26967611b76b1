"""The addresses of pages. What changes something is posted to the page that shows it."""

from django.urls import path

from api.pages import (
    approver,
    board,
    exceptions,
    mailbox,
    pay_runs,
    signing,
    visits,
    worker,
)

urlpatterns = [
    path("", board.home),
    path("sign-in", signing.sign_in),
    path("sign-out", signing.sign_out),
    path("leave", visits.leave),
    path("agencies/<str:agency>", visits.agency),
    path("exceptions", exceptions.listed),
    path("exceptions/<str:exception>", exceptions.opened),
    path("pay-runs", pay_runs.listed),
    path("pay-runs/<str:run>", pay_runs.run),
    path("pay-runs/<str:run>/statements/<str:statement>", pay_runs.statement),
    path("pay-runs/<str:run>/files/<str:file>", pay_runs.bank_file),
    path("a/<str:token>", approver.approval),
    path("w/<str:token>", worker.week),
    path("w/<str:token>/payslips/<str:payslip>", worker.payslip),
    path("dev/mail/", mailbox.inbox),
    path("dev/mail/<slug:key>", mailbox.mail_page),
    path("dev/mail/<slug:key>/<int:n>", mailbox.paper),
]
