// TakeRequestId and PassRequestId: interceptors that give each call a name, by which the lines of
// several logs are found: taken from the caller, or made; answered to the caller; and sent with the
// calls that the handler makes.
//
//     server.registry().Intercept(TakeRequestId());
//     channel_options.Intercept(PassRequestId());
//     if (const RequestId* id = call.Get<RequestId>()) Log(id->text);
#ifndef PENSTOCK_RPC_TRACING_REQUEST_ID_H_
#define PENSTOCK_RPC_TRACING_REQUEST_ID_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/rpc/call.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/tracing/random_ids.h"

namespace penstock {

// Of a call. Ownership: lives as long as the call.
struct RequestId {
  std::string_view text;
};

struct RequestIdOptions {
  // Of the metadata, both ways.
  std::string key = "x-request-id";
  // Whether what a caller sends is taken. Where strangers call, they may otherwise send the same
  // one for ever.
  bool trusts_caller = true;
  // Longer ones are not taken: they would be in every line of every log. In octets, at least one.
  uint32_t bytes_max = 128;
};

// OK, or INVALID_ARGUMENT and a sentence about what cannot be.
Status CheckRequestIds(const RequestIdOptions& options);

// One that may be taken: letters, digits and "-_.:/+=@", and not longer than that.
bool IsRequestId(std::string_view text, uint32_t bytes_max);

// For a server. One is made, of 32 hexadecimal digits, where the caller sent none, or what is none.
// Options that CheckRequestIds() does not take end the program.
class TakeRequestId {
 public:
  TakeRequestId() : TakeRequestId(RequestIdOptions()) {}
  explicit TakeRequestId(RequestIdOptions options);

  Status Before(Call& call);

 private:
  RequestIdOptions options_;
  rpc::RandomIds ids_;
};

// For a client: sends the id of the call that the call is made in; without one, one is made. What
// the caller has put into the metadata itself stays.
class PassRequestId {
 public:
  PassRequestId() : PassRequestId(RequestIdOptions()) {}
  explicit PassRequestId(RequestIdOptions options);

  Status Before(Call& call);

 private:
  RequestIdOptions options_;
  rpc::RandomIds ids_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_TRACING_REQUEST_ID_H_
