// A Greeter whose answers follow the call's metadata, so that a client can ask for every status and
// see its own metadata come back:
//
//     x-want-code            the status, decimal
//     x-want-message-bin     its message
//     x-echo-header[-bin]    come back in the response's header
//     x-echo-trailer[-bin]   come back in its trailer
//     x-want-deadline-set    "true" or "false": FAILED_PRECONDITION when it is otherwise
//     x-want-encoding        what the response is compressed with
//     x-want-detail-bin      the reason of a google.rpc.ErrorInfo that goes with the status
#include <charconv>
#include <string>
#include <string_view>

#include "penstock/rpc/status_details.h"
#include "penstock/server/server_main.h"

#include "examples/helloworld/helloworld.server.h"
#include "google/rpc/error_details.penstock.h"

namespace {

using penstock::Call;
using penstock::MakeStatus;
using penstock::Metadata;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;

// Copies every entry of `from` with this key. False when one was refused.
bool Echo(const Metadata& from, std::string_view key, Metadata& to) {
  for (const Metadata::Entry& entry : from) {
    if (entry.key == key && !to.Add(entry.key, entry.value)) return false;
  }
  return true;
}

Status StatusAskedFor(const Metadata& asked) {
  const auto text = asked.Get("x-want-code");
  if (!text) return OkStatus();
  int code = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), code);
  if (error != std::errc() || end != text->data() + text->size() || code < 0 || code > 16) {
    return MakeStatus(StatusCode::kInvalidArgument, "x-want-code is none of 0..16");
  }
  Status status =
      MakeStatus(static_cast<StatusCode>(code), asked.Get("x-want-message-bin").value_or(""));
  if (const auto reason = asked.Get("x-want-detail-bin")) {
    google::rpc::ErrorInfo info;
    info.set_reason(*reason);
    penstock::AddDetail(status, info);
  }
  return status;
}

class StatusGreeter final : public helloworld::GreeterService {
  Status SayHello(Call& call, const helloworld::HelloRequest& request,
                  helloworld::HelloReply& reply) override {
    const Metadata& asked = call.metadata();
    if (!Echo(asked, "x-echo-header", call.initial_metadata()) ||
        !Echo(asked, "x-echo-header-bin", call.initial_metadata()) ||
        !Echo(asked, "x-echo-trailer", call.trailing_metadata()) ||
        !Echo(asked, "x-echo-trailer-bin", call.trailing_metadata())) {
      return MakeStatus(StatusCode::kInternal, "what was received may not be sent");
    }
    if (const auto want = asked.Get("x-want-deadline-set")) {
      const bool set = call.deadline() != penstock::kTimeNever;
      if (*want != (set ? "true" : "false")) {
        return MakeStatus(StatusCode::kFailedPrecondition, "the deadline is otherwise");
      }
    }
    if (const auto encoding = asked.Get("x-want-encoding")) call.SetCompression(*encoding);
    reply.set_message("Hello " + std::string(request.name()));
    return StatusAskedFor(asked);
  }
};

}  // namespace

int main(int argc, char** argv) {
  return penstock::ServerMain(argc, argv,
                              [](penstock::Server& server) { server.Add<StatusGreeter>(); });
}
