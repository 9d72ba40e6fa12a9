// Plain HTTP beside RPCs: handlers of GET and HEAD, on the port and connections that serve RPCs.
//
//     server.registry().HandleGet("/version", [](const HttpRequest& request, HttpReply& reply) {
//       reply.SetText(200, "1.2.3\n");
//     });
//
// A HEAD request runs the same handler; its body is counted and not sent. Around the handlers the
// server answers 404 where there is none, 405 with `allow` for other methods, and 500 for one that
// throws.
//
// Threading: handlers run inline on the shard that received the request, on all shards at once:
//            they must not block.
// Spec:      RFC 9110 §9.3.1 (GET), §9.3.2 (HEAD)
#ifndef PENSTOCK_SERVER_HTTP_H_
#define PENSTOCK_SERVER_HTTP_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/reactor/socket.h"
#include "penstock/rpc/metadata.h"

namespace penstock {

// Ownership: all of it lives until the handler returns.
class HttpRequest {
 public:
  // `target` is what `:path` carries. A null `socket`: the peer is unknown.
  HttpRequest(std::string_view target, bool is_head, const Metadata* fields,
              const reactor::Socket* socket);

  // "/a/b", octets as they were sent: percent-encoding is the handler's to undo.
  std::string_view path() const { return path_; }
  // What follows the '?'; empty without one.
  std::string_view query() const { return query_; }
  // The body will be counted for content-length and not be sent.
  bool is_head() const { return is_head_; }

  // The first value of the header field `name`, which is lower case. Fields that the server itself
  // acts upon (content-length, content-type, host, te) are not among them.
  std::optional<std::string_view> Field(std::string_view name) const { return fields_->Get(name); }
  const Metadata& fields() const { return *fields_; }

  // "127.0.0.1:51234", "unix:"; asks the kernel.
  std::string peer() const { return socket_ == nullptr ? "unknown" : socket_->PeerAddress(); }

 private:
  std::string_view path_;
  std::string_view query_;
  bool is_head_;
  const Metadata* fields_;
  const reactor::Socket* socket_;
};

// 200 and no body, until the handler says otherwise.
class HttpReply {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  HttpReply() = default;
  HttpReply(const HttpReply&) = delete;
  HttpReply& operator=(const HttpReply&) = delete;

  // 200 to 599; another number is a bug of the handler, and the peer is told 500. 204 and 304 have
  // no body, whatever is set.
  void set_status(int status) { status_ = status; }
  // "text/html; charset=utf-8". With NUL, CR or LF it is a bug of the handler: 500.
  void set_content_type(std::string_view type) { content_type_ = type; }

  // The body, kept by the reply. It is sent as fast as the peer reads; the handler does not wait
  // for that.
  void set_body(std::string body);
  // The same without a copy, for what outlives the server: a constant, a file read at the start.
  void set_body_view(std::string_view body);
  // All at once: a status and a text/plain body.
  void SetText(int status, std::string text);

  // One more header field. False, and nothing is added, for what must not be sent: a name that is
  // not a lower-case token, a value with NUL, CR or LF or with a blank at either end, and the
  // fields that the server writes (content-length, content-type, date, server) or HTTP/2 forbids
  // (connection, upgrade, ...).
  [[nodiscard]] bool AddField(std::string_view name, std::string_view value);

  // Promises what a GET of `target` will answer ("/style.css"), and sends it beside this reply: the
  // client need not ask. Left out where the client takes no pushed streams (browsers do not), and
  // where `target` has no handler.
  // Limits: the first kPushesMax of a reply; a small request must not earn replies without end.
  // Spec:   RFC 9113 §8.4
  void Push(std::string_view target);
  static constexpr size_t kPushesMax = 16;

  int status() const { return status_; }
  std::string_view content_type() const { return content_type_; }
  std::string_view body() const { return is_view_ ? view_ : std::string_view(owned_); }
  const std::vector<Field>& fields() const { return fields_; }
  const std::vector<std::string>& pushes() const { return pushes_; }

 private:
  int status_ = 200;
  bool is_view_ = false;
  std::string content_type_;
  std::string owned_;
  std::string_view view_;
  std::vector<Field> fields_;
  std::vector<std::string> pushes_;
};

template <typename Handler>
concept HttpHandler = std::is_invocable_r_v<void, Handler&, const HttpRequest&, HttpReply&> &&
                      std::is_copy_constructible_v<Handler>;

namespace server {

// A registered handler of GET.
struct HttpEntry {
  std::string path;
  std::function<void(const HttpRequest&, HttpReply&)> handler;
};

// "Sat, 21 Nov 2026 08:30:00 GMT", from seconds since 1970. Spec: RFC 9110 §5.6.7
std::string FormatHttpDate(int64_t unix_seconds);

// "/a/b" of "/a/b?c".
std::string_view PathOfTarget(std::string_view target);

}  // namespace server
}  // namespace penstock

#endif  // PENSTOCK_SERVER_HTTP_H_
