"""The stubs as a package: a module name of their own, and the protocol's names in the descriptors."""

from __future__ import annotations

import pickle
from importlib.metadata import files

from authflow_stubs.v1 import auth_service_pb2 as pb
from google.protobuf import descriptor_pool


def test_nothing_is_installed_under_the_name_of_another_project() -> None:
    installed = {path.parts[0] for path in files("authflow-stubs") or () if ".dist-info" not in path.parts[0]}
    assert installed == {"authflow_stubs"}


def test_the_descriptors_keep_the_protocol_s_names() -> None:
    pool = descriptor_pool.Default()
    assert pool.FindFileByName("authflow/v1/auth_service.proto").package == "authflow.v1"
    assert pool.FindServiceByName("authflow.v1.AuthService").file.name == "authflow/v1/auth_service.proto"


def test_a_message_knows_its_module() -> None:
    request = pb.FooBarRequest(identity="ada@example.com")
    assert pickle.loads(pickle.dumps(request)) == request
