#include "penstock/rpc/tracing/request_id.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "penstock/rpc/metadata.h"
#include "penstock/rpc/tracing/trace_context.h"
#include "penstock/wire/check.h"

namespace penstock {
namespace {

bool IsIdCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-_.:/+=@").find(c) != std::string_view::npos;
}

RequestId MakeId(Call& call, rpc::RandomIds& ids) {
  const HexId high = HexOf(ids.Next(call));
  const HexId low = HexOf(ids.Next(call));
  char* const text = static_cast<char*>(call.arena().Allocate(high.size() + low.size(), 1));
  std::copy(low.begin(), low.end(), std::copy(high.begin(), high.end(), text));
  return {{text, high.size() + low.size()}};
}

}  // namespace

Status CheckRequestIds(const RequestIdOptions& options) {
  const char* why = Metadata::WhyRefused(options.key, "");
  if (why == nullptr && IsBinaryKey(options.key)) why = "is for octets, and an id is text";
  if (why != nullptr) {
    return MakeStatus(StatusCode::kInvalidArgument,
                      "RequestIdOptions::key: '" + options.key + "' " + why);
  }
  if (options.bytes_max == 0) {
    return MakeStatus(StatusCode::kInvalidArgument,
                      "RequestIdOptions::bytes_max is 0: to take no id, set trusts_caller = false");
  }
  return OkStatus();
}

bool IsRequestId(std::string_view text, uint32_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::all_of(text.begin(), text.end(), IsIdCharacter);
}

TakeRequestId::TakeRequestId(RequestIdOptions options) : options_(std::move(options)) {
  const Status status = CheckRequestIds(options_);
  PENSTOCK_CHECK(status.ok(), std::string(MessageOf(status)).c_str());
}

Status TakeRequestId::Before(Call& call) {
  RequestId id;
  if (options_.trusts_caller) {
    const std::optional<std::string_view> sent = call.metadata().Get(options_.key);
    // A copy: the metadata may be changed by what is behind.
    if (sent && IsRequestId(*sent, options_.bytes_max)) id.text = call.arena().Copy(*sent);
  }
  if (id.text.empty()) id = MakeId(call, ids_);
  call.Set(id);
  call.initial_metadata().AddReceived(options_.key, id.text);
  return OkStatus();
}

PassRequestId::PassRequestId(RequestIdOptions options) : options_(std::move(options)) {
  const Status status = CheckRequestIds(options_);
  PENSTOCK_CHECK(status.ok(), std::string(MessageOf(status)).c_str());
}

Status PassRequestId::Before(Call& call) {
  if (call.metadata().Get(options_.key)) return OkStatus();
  const RequestId* id = call.Get<RequestId>();
  if (id == nullptr) id = &call.Set(MakeId(call, ids_));
  call.mutable_metadata().AddReceived(options_.key, id->text);
  return OkStatus();
}

}  // namespace penstock
