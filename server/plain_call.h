// PlainCall: a request that is no RPC, from its head to the last octet of its reply.
//
// It stands where a ServerCall stands (in Stream::user), so that the events of an RPC need not ask
// which of the two they are for: its assembler drops the request's body and never comes to a
// boundary, and there, off an RPC's path, the Session looks.
#ifndef PENSTOCK_SERVER_PLAIN_CALL_H_
#define PENSTOCK_SERVER_PLAIN_CALL_H_

#include <cstddef>
#include <string_view>

#include "penstock/reactor/intrusive_list.h"
#include "penstock/server/http.h"
#include "penstock/server/server_call.h"

namespace penstock::server {

class PlainCall final : public ServerCall, public reactor::ListHook<struct UnsentTag> {
 public:
  PlainCall(Session* session, http2::Stream* stream, wire::SlabPool* slabs,
            reactor::Timer::Fire on_deadline)
      : ServerCall(session, stream, slabs, 0, on_deadline) {
    assembler().Discard();
  }

  // Copies the texts: the header fields they come from are gone when the request is whole.
  void BeginPlain(std::string_view http_method, std::string_view authority, std::string_view target,
                  const reactor::Socket* socket) {
    http_method_ = arena_.Copy(http_method);
    authority_ = arena_.Copy(authority);
    target_ = arena_.Copy(target);
    socket_ = socket;
  }

  std::string_view http_method() const { return http_method_; }
  std::string_view authority() const { return authority_; }  // empty without one
  const reactor::Socket* socket() const { return socket_; }
  std::string_view target() const { return target_; }
  bool is_head() const { return http_method_ == "HEAD"; }
  HttpRequest request_view() const { return {target_, is_head(), &metadata_, socket_}; }

  HttpReply& reply() { return reply_; }
  // The reply's head is out.
  bool is_answered() const { return !unsent_.empty(); }

  // Of the reply's body, what the connection has not been given.
  std::string_view unsent() const { return unsent_; }
  void set_unsent(std::string_view unsent) { unsent_ = unsent; }

 private:
  std::string_view http_method_;
  std::string_view authority_;
  std::string_view target_;
  HttpReply reply_;
  std::string_view unsent_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_PLAIN_CALL_H_
