// Serves a small web page over cleartext HTTP/2, and pushes its style to clients that take pushed
// streams: plain GET handlers, no RPC at all.
//
//     bazel run --config=opt //examples/http2_hello:server -- --listen 127.0.0.1:8080
//     nghttp -v http://127.0.0.1:8080/
//     curl --http2-prior-knowledge http://127.0.0.1:8080/
//
// Browsers speak HTTP/2 over TLS alone: put a proxy that does TLS in front for them.
#include <string>
#include <string_view>

#include "penstock/server/server_main.h"

namespace {

using penstock::HttpReply;
using penstock::HttpRequest;

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>penstock over HTTP/2</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<h1>Hello over HTTP/2</h1>
<p>This page, its <a href="/style.css">style</a> and a <a href="/large.txt">large text</a> come from
one server, each on a stream of its own.</p>
</body>
</html>
)";

constexpr std::string_view kStyle =
    R"(body { font: 18px/1.5 sans-serif; max-width: 40em; margin: 4em auto; }
h1 { color: #06c; }
)";

constexpr size_t kLargeBytes = 1024 * 1024;

// Numbered lines of 32 octets, so that a reader sees at once where one is missing.
std::string LargeText() {
  std::string text;
  text.reserve(kLargeBytes);
  for (size_t line = 0; text.size() < kLargeBytes; ++line) {
    std::string row = "line " + std::to_string(line);
    row.resize(31, '.');
    text += row + "\n";
  }
  return text;
}

// `pushed` goes with it, unless it is empty.
void Serve(penstock::Server& server, std::string_view path, std::string_view type,
           std::string_view body, std::string_view pushed = "") {
  server.registry().HandleGet(path, [=](const HttpRequest&, HttpReply& reply) {
    reply.set_content_type(type);
    reply.set_body_view(body);
    static_cast<void>(reply.AddField("cache-control", "max-age=60"));
    if (!pushed.empty()) reply.Push(pushed);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string large = LargeText();  // outlives the server
  return penstock::ServerMain(argc, argv, [&large](penstock::Server& server) {
    Serve(server, "/", "text/html; charset=utf-8", kPage, "/style.css");
    Serve(server, "/style.css", "text/css", kStyle);
    Serve(server, "/large.txt", "text/plain", large);
  });
}
