"""What a service can do wrong: it is asked again where that may help, and what failed is said."""

import gzip
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from icsgraph.loaders.fetch_http import ATTEMPTS, LARGEST_ANSWER
from icsgraph.ontology.errors import ServiceFailed, UsageError

FIRST = "/locations?page=1&perPage=1000"


def waits(cqc):
    """The seconds waited, those apart that only keep the pace."""
    return [seconds for seconds in cqc.slept if seconds >= 1]


def test_a_service_that_asks_to_wait_is_waited_for(cqc, reply):
    cqc.service.faults = [reply({"message": "slow down"}, 429, {"Retry-After": "7"})]
    locations, _providers = cqc.fetch()
    assert locations.records == 5
    assert waits(cqc) == [7]
    assert cqc.service.asked[:2] == [FIRST, FIRST]


def test_a_wait_until_a_day_and_time_is_counted_by_the_clock_of_the_service(cqc, reply):
    until = {"Retry-After": "Mon, 02 Nov 2026 09:00:42 GMT"}  # the service says it is 09:00:00
    cqc.service.faults = [reply(b"", 503, until)]
    cqc.fetch()
    assert waits(cqc) == [42]


@pytest.mark.parametrize("wait", ["", "soon", "-5", "0", "Mon, 32 Nov 2026 09:00:42 GMT"])
def test_a_wait_that_is_none_is_as_none_stated(cqc, reply, wait):
    cqc.service.faults = [reply(b"", 429, {"Retry-After": wait})]
    cqc.fetch()
    assert waits(cqc) == [1]


def test_errors_of_the_server_are_waited_for_longer_each_time(cqc, reply):
    cqc.service.faults = [reply(b"", status) for status in (500, 502, 503, 504)]
    locations, _providers = cqc.fetch()
    assert locations.records == 5
    assert waits(cqc) == [1, 2, 4, 8]


def test_an_answer_that_breaks_off_is_asked_for_again(cqc, lines, dead):
    def before(target):
        if target.startswith("/locations/1-203") and not broken:
            broken.append(target)
            cqc.service.faults = [dead]

    broken = []
    cqc.service.before = before
    locations, _providers = cqc.fetch()
    assert [target for target in cqc.service.asked if "1-203" in target] == ["/locations/1-203"] * 2
    assert len(lines(locations.path)) == 5


@pytest.mark.parametrize(
    "body", [b"<html>Please sign in</html>", b"", b'{"page": 1', b"\xff\xfe{", b"[" * 100_000]
)
def test_what_is_no_json_is_asked_for_again(cqc, reply, body):
    cqc.service.faults = [reply(body)]
    locations, _providers = cqc.fetch()
    assert locations.records == 5
    assert waits(cqc) == [1]


def test_a_packed_answer_that_is_damaged_is_asked_for_again(cqc, reply):
    packed = gzip.compress(b'{"page": 1}')[:-12] + b"0123456789ab"
    cqc.service.faults = [reply(packed, headers={"Content-Encoding": "gzip"})]
    cqc.fetch()
    assert waits(cqc) == [1]


def test_a_service_that_stays_down_is_said_with_its_address(cqc, reply):
    cqc.service.faults = [reply(b"", 503) for _ in range(ATTEMPTS)]
    with pytest.raises(ServiceFailed) as said:
        cqc.fetch()
    assert str(said.value) == (
        f"The CQC API failed at {cqc.url}{FIRST}: it answered 503 Service Unavailable, 5 times.\n"
        "What was fetched is kept. Run the same command again later: it goes on from there."
    )
    assert said.value.exit_code == 3
    assert waits(cqc) == [1, 2, 4, 8]


def test_a_proxy_that_answers_for_the_service_is_quoted(cqc, reply):
    cqc.service.faults = [reply(b"<html>\n Please\tsign in </html>") for _ in range(ATTEMPTS)]
    with pytest.raises(ServiceFailed, match='no JSON: "<html> Please sign in </html>", 5 times'):
        cqc.fetch()


def test_a_service_that_is_not_there_is_said(cqc):
    environment = {**cqc.environment, "ICSGRAPH_CQC_URL": "http://127.0.0.1:9/public/v1"}
    with pytest.raises(ServiceFailed, match="no whole answer came") as said:
        cqc.fetch(environment=environment)
    assert "ICSGRAPH_CQC_URL" in said.value.hint
    assert waits(cqc) == [1, 2, 4, 8]


def test_a_wait_of_an_hour_is_left_to_a_later_run(cqc, reply):
    cqc.service.faults = [reply(b"", 429, {"Retry-After": "3600"})]
    with pytest.raises(ServiceFailed, match="429 Too Many Requests, and asks to wait 60 minutes"):
        cqc.fetch()
    assert waits(cqc) == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_named_and_not_shown(cqc, reply, status):
    cqc.service.faults = [reply({"message": "Access denied"}, status)]
    with pytest.raises(ServiceFailed) as said:
        cqc.fetch()
    assert "does not accept the key in CQC_SUBSCRIPTION_KEY" in str(said.value)
    assert "https://api-portal.service.cqc.org.uk/" in str(said.value)
    assert "a-key-of-this-test" not in str(said.value)
    assert len(cqc.service.asked) == 1


def test_a_refusal_is_quoted_without_the_key(cqc, reply):
    cqc.service.faults = [reply({"message": "no such key: a-key-of-this-test"}, 400)]
    with pytest.raises(ServiceFailed, match=r"400 Bad Request: .*no such key: \.\.\.") as said:
        cqc.fetch()
    assert "a-key-of-this-test" not in str(said.value)


def test_a_redirect_is_not_followed_so_that_the_key_goes_nowhere_else(cqc, reply):
    cqc.service.faults = [reply(b"", 302, {"Location": f"{cqc.url}/elsewhere"})]
    with pytest.raises(ServiceFailed, match="302 Found, and other addresses are not followed"):
        cqc.fetch()
    assert cqc.service.asked == [FIRST]


def test_an_answer_that_unpacks_to_more_than_any_real_one_is_refused(cqc, reply):
    bomb = gzip.compress(b" " * (LARGEST_ANSWER + 1))
    cqc.service.faults = [reply(bomb, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(ServiceFailed, match="larger than 67,108,864 bytes"):
        cqc.fetch()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], 'the answer has no list "locations"'),
        ({"locations": {"1-201": {}}}, 'the answer has no list "locations"'),
        ({"locations": [{"locationName": "Ash House"}]}, "an entry of the list has no locationId"),
        ({"locations": [{"locationId": 1}]}, "an entry of the list has no locationId"),
    ],
)
def test_a_list_of_another_shape_is_said(cqc, reply, body, said):
    cqc.service.faults = [reply(body)]
    with pytest.raises(ServiceFailed, match=said):
        cqc.fetch()


@pytest.mark.parametrize("body", [[], "text", {"locationId": "1-999"}, {"message": "hello"}])
def test_a_payload_of_another_thing_is_not_kept(cqc, reply, body):
    def before(target):
        if target.startswith("/locations/1-201"):
            cqc.service.faults = [reply(body)]

    cqc.service.before = before
    with pytest.raises(ServiceFailed, match="the answer is no payload of location 1-201"):
        cqc.fetch()


def test_an_identifier_stays_below_the_address_of_the_list(cqc):
    cqc.register.put("location", "../../admin?x=1")
    cqc.fetch()
    assert "/locations/..%2F..%2Fadmin%3Fx%3D1" in cqc.service.asked


@pytest.mark.parametrize(
    "address",
    ["api.service.cqc.org.uk", "ftp://a.uk", "https://", "http://a.uk:x", "https://me:word@a.uk"],
)
def test_an_address_that_is_none_is_refused(cqc, address):
    with pytest.raises(UsageError, match="ICSGRAPH_CQC_URL is .* which is no address"):
        cqc.fetch(environment={**cqc.environment, "ICSGRAPH_CQC_URL": address})


def test_the_key_is_sent_in_the_open_to_nobody(cqc):
    with pytest.raises(UsageError, match="which anybody on the way could read"):
        cqc.fetch(environment={**cqc.environment, "ICSGRAPH_CQC_URL": "http://mirror.example/v1"})


def test_requests_keep_the_pace_that_the_service_allows(cqc):
    """600 a minute: a tenth of a second from one to the next, less what an answer took."""
    cqc.fetch()
    assert len(cqc.slept) == len(cqc.service.asked) - 1
    assert all(0 < seconds <= 0.1 for seconds in cqc.slept)


def test_a_certificate_that_nobody_vouches_for_ends_the_run(cqc, tmp_path):
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)

    (tmp_path / "server.pem").write_text(SELF_SIGNED, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.handle_error = lambda request, address: None  # the client hangs up
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        url = f"https://127.0.0.1:{server.server_port}"
        with pytest.raises(ServiceFailed, match="not one that this machine trusts") as said:
            cqc.fetch(environment={**cqc.environment, "ICSGRAPH_CQC_URL": url})
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "SSL_CERT_FILE" in said.value.hint
    assert heard == waits(cqc) == []


# Made for this test: it vouches for nothing, and opens nothing.
SELF_SIGNED = """\
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIHWFI3d8KyMPSKuP9rerQw/zYIz66UdJRGrUcM1RVClVoAoGCCqGSM49
AwEHoUQDQgAETGtzIOT+ea9lJSVaS0warKsn7/uQl2N3fJhMqxuqxDV2Pv9EUUbT
Go0L7XbnDm6Bh/mK7ovHC41VbWVdb5B2UQ==
-----END EC PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBkTCCATagAwIBAgIUNezs1hwcHjAmW13DBcN7w6/Y008wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMjAwNTg1MloYDzIxMjYxMDI5
MDA1ODUyWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARMa3Mg5P55r2UlJVpLTBqsqyfv+5CXY3d8mEyrG6rENXY+/0RRRtMa
jQvtducOboGH+Yrui8cLjVVtZV1vkHZRo2QwYjAdBgNVHQ4EFgQUraRtM0OIXNbi
pud5z+yVzC98CZ0wHwYDVR0jBBgwFoAUraRtM0OIXNbipud5z+yVzC98CZ0wDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0kAMEYC
IQDjsk58YDVpD1GdJZhVGt2hBLDHGp3iEnT/yQgopJDK2QIhAMeNA13goHhFKH7r
cdl9fnYqpnPPx6mj8k7pr0ovMjm8
-----END CERTIFICATE-----
"""
