"""penstock_cc_library: C++ messages and services from .proto files.

    load("@penstock//tools/bazel:penstock.bzl", "penstock_cc_library")

    penstock_cc_library(
        name = "cart",
        srcs = ["cart.proto"],
        deps = ["//shop:money"],  # other penstock_cc_library targets, for imports
    )

Four targets come of it: `cart` (messages: #include "shop/cart.penstock.h"), `cart_server`
(services: #include "shop/cart.server.h"), `cart_client` (clients of them: #include
"shop/cart.client.h") and, for tests, `cart_mock` (mocks of both, for gmock: #include
"shop/cart.mock.h"). Headers are included by the path of the .proto within its workspace, and a
.proto imports others by theirs; `strip_import_prefix` shortens these paths. protoc is not needed.

"google/protobuf/timestamp.proto" is @penstock//codec/wellknown:timestamp, and so are the others of
google/protobuf and google/rpc.
"""

load("@rules_cc//cc:cc_library.bzl", "cc_library")

PenstockProtoInfo = provider(
    doc = "The .proto files of a penstock_cc_library and of everything it depends on.",
    fields = {
        "sources": "depset of .proto files, for importing",
        "own_imports": "dict: the import paths of the target's own files, each with its label",
        "imports": "depset of structs (path, label): the same of everything it depends on, too",
        "roots": "depset of folders that imports begin at",
    },
)

def _root_of(file):
    """The folder below which the file's path is its import path."""
    if file.path.endswith("/" + file.short_path):
        return file.path[:-len(file.short_path) - 1]
    if file.path == file.short_path:
        # A source of the main workspace; those of others begin with external/NAME.
        return "."
    return ""

def _import_root(ctx, file):
    root = _root_of(file)
    workspace_root = ctx.label.workspace_root
    if not workspace_root:
        return root
    # short_path of a file in another workspace is ../NAME/path; path is [root/]external/NAME/path.
    end = file.path.find(workspace_root + "/")
    return file.path[:end] + workspace_root

def _stripped_prefix(ctx):
    """The folder of the workspace that import paths begin below; "" for the workspace itself."""
    prefix = ctx.attr.strip_import_prefix
    if prefix.startswith("/"):
        return prefix[1:]
    return "/".join([part for part in [ctx.label.package, prefix] if part]) if prefix else ""

def _import_path(ctx, below, file):
    """What others import it by; `below` is "" or "/" and the stripped prefix."""
    root = _import_root(ctx, file)
    path = file.path if root == "." else file.path[len(root) + 1:]
    return path[len(below):]

def _indirect_imports(own_imports, dependencies):
    """PATH=LABEL of what is there for importing although no target of deps has it itself."""
    direct = dict(own_imports)
    for dependency in dependencies:
        direct.update(dependency.own_imports)
    reachable = depset(transitive = [dependency.imports for dependency in dependencies])
    return [
        "%s=%s" % (entry.path, entry.label)
        for entry in reachable.to_list()
        if entry.path not in direct
    ]

def _generate_impl(ctx):
    protos = ctx.files.srcs
    package = ctx.label.package
    stripped = _stripped_prefix(ctx)
    headers = []
    sources = []
    servers = []
    mocks = []
    clients = []
    for proto in protos:
        if proto.extension != "proto":
            fail("%s: srcs are .proto files, and this is not one" % proto.short_path)
        path = proto.short_path
        if path.startswith("../"):
            path = path[len("../"):]
            path = path[path.find("/") + 1:]
        if package and not path.startswith(package + "/"):
            fail("%s is not in package %s: give it a penstock_cc_library there" % (path, package))
        if stripped and not path.startswith(stripped + "/"):
            fail("%s is not below strip_import_prefix, which is %s" % (path, stripped))
        name = path[len(package) + 1 if package else 0:-len(".proto")]
        headers.append(ctx.actions.declare_file(name + ".penstock.h"))
        sources.append(ctx.actions.declare_file(name + ".penstock.cc"))
        sources.append(ctx.actions.declare_file(name + ".descriptor.cc"))
        servers.append(ctx.actions.declare_file(name + ".server.h"))
        mocks.append(ctx.actions.declare_file(name + ".mock.h"))
        clients.append(ctx.actions.declare_file(name + ".client.h"))

    dependencies = [dep[PenstockProtoInfo] for dep in ctx.attr.deps]
    below = "/" + stripped if stripped else ""
    label = str(ctx.label.relative(":" + ctx.attr.library))
    own_imports = {_import_path(ctx, below, proto): label for proto in protos}
    info = PenstockProtoInfo(
        own_imports = own_imports,
        imports = depset(
            [struct(path = path, label = label) for path in own_imports],
            transitive = [dep.imports for dep in dependencies],
        ),
        sources = depset(protos, transitive = [dep.sources for dep in dependencies]),
        roots = depset(
            [_import_root(ctx, proto) + below for proto in protos],
            transitive = [dep.roots for dep in dependencies],
            # Its own first: a path on the command line is looked for in this order.
            order = "preorder",
        ),
    )

    out = ctx.bin_dir.path
    if ctx.label.workspace_root:
        out += "/" + ctx.label.workspace_root
    out += below
    arguments = ctx.actions.args()
    arguments.add_all(info.roots, before_each = "-I")
    arguments.add("--cpp_out=" + out)
    arguments.add("--missing_import_hint=add its penstock_cc_library to deps")
    arguments.add_all(
        _indirect_imports(own_imports, dependencies),
        format_each = "--indirect_import=%s",
    )
    arguments.add_all(protos)
    outputs = headers + sources + servers + mocks + clients
    ctx.actions.run(
        executable = ctx.executable._compiler,
        arguments = [arguments],
        inputs = info.sources,
        outputs = outputs,
        mnemonic = "PenstockGenerate",
        progress_message = "Generating C++ for %s" % ctx.label,
    )
    return [
        info,
        DefaultInfo(files = depset(outputs)),
        OutputGroupInfo(
            headers = depset(headers),
            sources = depset(sources),
            servers = depset(servers),
            mocks = depset(mocks),
            clients = depset(clients),
        ),
    ]

_penstock_generate = rule(
    implementation = _generate_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".proto"], mandatory = True),
        "deps": attr.label_list(providers = [PenstockProtoInfo]),
        "library": attr.string(mandatory = True, doc = "the name that users depend on"),
        "strip_import_prefix": attr.string(),
        "_compiler": attr.label(
            default = Label("//tools/penstockc"),
            executable = True,
            cfg = "exec",
        ),
    },
)

def _library_impl(ctx):
    return [
        ctx.attr.library[CcInfo],
        ctx.attr.generated[PenstockProtoInfo],
        ctx.attr.library[DefaultInfo],
    ]

# One target that C++ code and other penstock_cc_libraries can both depend on.
_penstock_library = rule(
    implementation = _library_impl,
    attrs = {
        "library": attr.label(mandatory = True, providers = [CcInfo]),
        "generated": attr.label(mandatory = True, providers = [PenstockProtoInfo]),
    },
    provides = [CcInfo, PenstockProtoInfo],
)

def _check_srcs(name, srcs):
    """What Bazel itself would say late, or in words of the rule's inner targets."""
    if type(srcs) != "list":
        return  # a select(): known later
    if not srcs:
        fail("penstock_cc_library(name = \"%s\") has no srcs: list its .proto files" % name)
    here = {src if ":" in src else ":" + src: True for src in srcs}
    for other in native.existing_rules().values():
        if other["kind"] != "_penstock_generate":
            continue
        for src in other["srcs"]:
            if src in here:
                fail(("%s is in srcs of both \"%s\" and \"%s\", which would generate it twice: " +
                      "leave it to one, and let the other have that in deps") %
                     (src[1:], other["library"], name))

def penstock_cc_library(
        name,
        srcs,
        deps = [],
        strip_import_prefix = None,
        visibility = None,
        testonly = None,
        tags = []):
    """C++ for .proto files: `name` has the messages, `name`_server the services.

    `name`_client has clients of the services, `name`_mock mocks.

    Args:
      name: of the messages' target.
      srcs: .proto files of this package. They may import each other.
      deps: penstock_cc_library targets of what the files import.
      strip_import_prefix: what is cut from the paths of the files where they are imported and
        included: a folder of this package, or of the workspace when it begins with "/".
      visibility: of the four targets.
      testonly: of the four targets; mocks always are.
      tags: of the four targets.
    """
    _check_srcs(name, srcs)
    common = {"testonly": testonly, "tags": tags}
    private = ["//visibility:private"]
    generated = name + "_penstock_generated"
    _penstock_generate(
        name = generated,
        srcs = srcs,
        deps = deps,
        library = name,
        strip_import_prefix = strip_import_prefix,
        visibility = private,
        **common
    )
    for group in ["headers", "sources", "servers", "mocks", "clients"]:
        native.filegroup(
            name = "%s_penstock_%s" % (name, group),
            srcs = [generated],
            output_group = group,
            visibility = private,
            **common
        )
    cc_library(
        name = name + "_penstock_messages",
        srcs = [name + "_penstock_sources"],
        hdrs = [name + "_penstock_headers"],
        strip_include_prefix = strip_import_prefix,
        deps = deps + [str(Label("//codec:generated")), str(Label("//codec:message"))],
        visibility = private,
        **common
    )
    _penstock_library(
        name = name,
        library = name + "_penstock_messages",
        generated = generated,
        visibility = visibility,
        **common
    )
    cc_library(
        name = name + "_server",
        hdrs = [name + "_penstock_servers"],
        strip_include_prefix = strip_import_prefix,
        deps = [name, str(Label("//server:service"))],
        # Built for those who depend on it: most .proto files have no services.
        tags = tags + ["manual"],
        testonly = testonly,
        visibility = visibility,
    )
    cc_library(
        name = name + "_client",
        hdrs = [name + "_penstock_clients"],
        strip_include_prefix = strip_import_prefix,
        deps = [name, str(Label("//client:stub"))],
        tags = tags + ["manual"],
        testonly = testonly,
        visibility = visibility,
    )
    cc_library(
        name = name + "_mock",
        hdrs = [name + "_penstock_mocks"],
        strip_include_prefix = strip_import_prefix,
        # --@penstock//tools/bazel:gmock=LABEL where it is not the system's.
        deps = [
            name + "_client",
            name + "_server",
            str(Label("//client:mock_client")),
            str(Label("//tools/bazel:gmock")),
        ],
        tags = tags + ["manual"],
        testonly = True,
        visibility = visibility,
    )
