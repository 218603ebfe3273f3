"""The reference service through grpcio and server reflection: nothing here was generated from the protos.

Usage: client.py PORT READER_TOKEN EDITOR_TOKEN ADMIN_TOKEN
"""

import queue
import sys
import threading

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

PACKAGE = "reference_service.v1"


class Client:
    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.database)

    def services(self):
        return set(self.database.get_services())

    def method(self, service, name):
        method = self.pool.FindServiceByName(f"{PACKAGE}.{service}").FindMethodByName(name)
        request = message_factory.GetMessageClass(method.input_type)
        response = message_factory.GetMessageClass(method.output_type)
        path = f"/{PACKAGE}.{service}/{name}"
        make = self.channel.unary_stream if name.startswith("Watch") else self.channel.unary_unary
        stub = make(path, request_serializer=request.SerializeToString, response_deserializer=response.FromString)
        return stub, request

    def call(self, name, fields, token=None, service="ConfigManager", timeout=10, language=None):
        stub, request = self.method(service, name)
        metadata = []
        if token:
            metadata.append(("authorization", f"Bearer {token}"))
        if language:
            metadata.append(("accept-language", language))
        message = json_format.ParseDict(fields, request())
        return stub(message, metadata=metadata, timeout=timeout)


def as_dict(message):
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


def fails(call, code):
    try:
        answer = call()
    except grpc.RpcError as error:
        assert error.code() == code, f"expected {code}, found {error.code()}: {error.details()}"
        return error
    raise AssertionError(f"expected {code}, found the answer {answer}")


def details(error):
    raw = dict(error.trailing_metadata()).get("grpc-status-details-bin")
    assert raw, f"no details: {error.trailing_metadata()}"
    status = status_pb2.Status.FromString(raw)
    assert status.code == error.code().value[0]
    found = {}
    for detail in status.details:
        name = detail.type_url.rsplit(".", 1)[1]
        message = getattr(error_details_pb2, name)()
        detail.Unpack(message)
        found[name] = message
    return found


def main():
    port, reader, editor, admin = sys.argv[1:]
    client = Client(port)

    services = client.services()
    for name in ("ConfigManager", "ServiceHealth"):
        assert f"{PACKAGE}.{name}" in services, services
    assert "grpc.health.v1.Health" in services, services
    # Custom options arrive through reflection: the policy's extension is in the method's options.
    options = client.pool.FindServiceByName(f"{PACKAGE}.ConfigManager").FindMethodByName("UpdateConfig").GetOptions()
    assert b"editor" in options.SerializeToString(), options

    # Happy path.
    assert as_dict(client.call("CheckHealth", {}, service="ServiceHealth"))["status"] == "STATUS_SERVING"
    made = as_dict(client.call("UpdateConfig", {"key": "py.a", "value": "1", "expectedRevision": "0"}, editor))["config"]
    assert made["value"] == "1" and made["updatedBy"] == "editor@example.com", made
    first = int(made["revision"])
    got = as_dict(client.call("GetConfig", {"key": "py.a"}, reader))["config"]
    assert got == made, (got, made)
    client.call("UpdateConfig", {"key": "py.b", "value": "2"}, editor)
    page = as_dict(client.call("ListConfigs", {"keyPrefix": "py.", "pageSize": 1}, reader))
    assert [it["key"] for it in page["configs"]] == ["py.a"] and page["nextPageToken"], page
    more = {"keyPrefix": "py.", "pageSize": 1, "pageToken": page["nextPageToken"]}
    page = as_dict(client.call("ListConfigs", more, reader))
    assert [it["key"] for it in page["configs"]] == ["py.b"] and not page["nextPageToken"], page

    # Refusals.
    fails(lambda: client.call("GetConfig", {"key": "py.a"}), grpc.StatusCode.UNAUTHENTICATED)
    fails(lambda: client.call("GetConfig", {"key": "py.a"}, "x.y.z"), grpc.StatusCode.UNAUTHENTICATED)
    fails(lambda: client.call("UpdateConfig", {"key": "py.a", "value": "3"}, reader), grpc.StatusCode.PERMISSION_DENIED)
    fails(lambda: client.call("DeleteConfig", {"key": "py.a"}, editor), grpc.StatusCode.PERMISSION_DENIED)

    # An error of the catalogue, in two languages.
    for language, text in (("en", "does not exist"), ("zh-CN,zh;q=0.9", "不存在")):
        error = fails(
            lambda language=language: client.call("GetConfig", {"key": "py.none"}, reader, language=language),
            grpc.StatusCode.NOT_FOUND,
        )
        found = details(error)
        assert found["ErrorInfo"].reason == "CONFIG_NOT_FOUND", found
        assert found["ErrorInfo"].metadata["key"] == "py.none", found
        assert text in found["LocalizedMessage"].message and "py.none" in found["LocalizedMessage"].message, found
        assert found["RequestInfo"].request_id, found

    # Optimistic concurrency.
    stale = {"key": "py.a", "value": "9", "expectedRevision": str(first + 100)}
    error = fails(lambda: client.call("UpdateConfig", stale, editor), grpc.StatusCode.ABORTED)
    assert details(error)["ErrorInfo"].reason == "CONFIG_REVISION_MISMATCH"

    # A watch ends at its caller's deadline.
    short = client.call("WatchConfig", {"clientId": "py"}, reader, timeout=0.5)
    fails(lambda: list(short), grpc.StatusCode.DEADLINE_EXCEEDED)

    # A watch: what came before, then what comes, in order; resumed without a gap.
    watch = client.call("WatchConfig", {"clientId": "py", "revision": str(first - 1), "keyPrefix": "py."}, reader, timeout=20)
    events = queue.Queue()

    def pump(stream):
        try:
            for message in stream:
                if message.WhichOneof("event") != "progress":
                    events.put(message)
        except grpc.RpcError as error:
            events.put(error)

    threading.Thread(target=pump, args=(watch,), daemon=True).start()
    seen = [events.get(timeout=10) for _ in range(2)]
    assert [(it.updated.key, it.updated.value) for it in seen] == [("py.a", "1"), ("py.b", "2")], seen
    client.call("UpdateConfig", {"key": "py.a", "value": "4"}, editor)
    client.call("DeleteConfig", {"key": "py.b"}, admin)
    seen = [events.get(timeout=10) for _ in range(2)]
    assert seen[0].updated.value == "4" and seen[1].deleted.key == "py.b", seen
    last = seen[0].revision
    watch.cancel()
    resumed = client.call("WatchConfig", {"clientId": "py", "revision": str(last), "keyPrefix": "py."}, reader, timeout=20)
    event = next(it for it in resumed if it.WhichOneof("event") != "progress")
    assert event.deleted.key == "py.b" and event.revision == seen[1].revision, event
    resumed.cancel()

    # A revision that does not exist yet.
    future = client.call("WatchConfig", {"clientId": "py", "revision": "1000000"}, reader)
    error = fails(lambda: list(future), grpc.StatusCode.INVALID_ARGUMENT)
    assert details(error)["ErrorInfo"].reason == "REVISION_IN_FUTURE"
    print("ok")


main()
