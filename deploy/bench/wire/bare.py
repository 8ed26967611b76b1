"""Bare: what any project has that lists and creates with DRF: a ModelSerializer, and nothing more.

No tenants, nobody who must say who is calling, no middleware, no pages, no key, no event.
"""

from typing import Any, cast

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections, models
from django.test.utils import override_settings
from django.urls import path
from rest_framework import generics, parsers, renderers, serializers

from backline.kernel.ids import new_id
from deploy.bench.wire.calling import Caller
from tenants.bootstrap import connections as logins

ALIAS, SCHEMA = "bare", "bench_bare"
PAGE = 50


class Client(models.Model):
    """A client as our own table has it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    legal_name = models.CharField(max_length=120)
    trading_name = models.CharField(max_length=200, blank=True, default="")
    reference = models.CharField(max_length=40, blank=True, default="")
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    billing_address = models.JSONField(default=dict)
    vat_number = models.CharField(max_length=20, blank=True, default="")
    ownership = models.CharField(max_length=10, blank=True, default="")
    state = models.CharField(max_length=12, default="active")
    credit_limit = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"
        db_table = "directory_client"
        managed = False


class ClientSerializer(serializers.ModelSerializer[Client]):
    """All of it."""

    class Meta:
        model = Client
        fields = "__all__"


class Clients(generics.ListCreateAPIView[Client]):
    """The newest fifty, and one more."""

    serializer_class = ClientSerializer
    authentication_classes = ()
    permission_classes = ()
    pagination_class = None
    renderer_classes = (renderers.JSONRenderer,)
    parser_classes = (parsers.JSONParser,)

    def perform_authentication(self, request: Any) -> None:
        """Nobody needs to say who is calling."""

    def get_queryset(self) -> Any:
        """The newest, in the order of ours."""
        return Client._default_manager.using(ALIAS).order_by("-id")[:PAGE]

    def perform_create(self, serializer: Any) -> None:
        """Keep it where the bare table is."""
        serializer.instance = Client._default_manager.using(ALIAS).create(
            **serializer.validated_data
        )


urlpatterns = [path("clients", Clients.as_view())]


class Handler(WSGIHandler):
    """Django without any middleware, and with these addresses alone."""

    def resolve_request(self, request: Any) -> Any:
        """Look among the addresses of this file."""
        request.urlconf = __name__
        return super().resolve_request(request)


def application() -> Any:
    """The bare application, as a server calls it."""
    with override_settings(MIDDLEWARE=[]):
        return Handler()


def caller() -> Caller:
    """Who calls the bare application."""
    return Caller(cast(Any, application()))


def stands_beside(schema: str, table: str = "directory_client") -> None:
    """An empty table like an agency's, reached by a stock connection that is kept open."""
    with logins.owner() as raw:
        raw.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE".encode())
        raw.execute(f"CREATE SCHEMA {SCHEMA}".encode())
        raw.execute(f"CREATE TABLE {SCHEMA}.{table} (LIKE {schema}.{table} INCLUDING ALL)".encode())
    reaches(ALIAS, SCHEMA)


def reaches(alias: str, *schemas: str) -> None:
    """A stock connection that looks into these schemas, by its alias."""
    own = connections.databases[logins.OWNER_ALIAS] | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {"options": f"-c search_path={','.join(schemas)}"},
    }
    connections.databases[alias] = own
