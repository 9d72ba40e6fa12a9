// Details of a status: messages for programs, beside its code and its sentence. They travel as
// google.rpc.Status in grpc-status-details-bin, as every gRPC library with "rich errors" does it.
//
//     Status status = MakeStatus(StatusCode::kInvalidArgument, "the cart cannot be ordered");
//     google::rpc::BadRequest bad;
//     bad.add_field_violations()->set_field("items");
//     AddDetail(status, bad);
//     return status;                                                    // from a handler
//
//     if (const auto bad = DetailOf<google::rpc::BadRequest>(status)) ...  // at the caller's
//
// The usual ones are in //codec/wellknown:error_details; any message will do. See docs/errors.md.
//
// Ownership: the status keeps copies. They are a payload of it, under kStatusDetailsUrl, so that
//            they go wherever the status goes.
// Limits:    all of it, with the message and the metadata, has to fit what the peer takes as
//            headers, 8 KiB with many; else the status arrives without them, and says so.
// Spec:      google.rpc.Status; gRPC's "richer error model"
#ifndef PENSTOCK_RPC_STATUS_DETAILS_H_
#define PENSTOCK_RPC_STATUS_DETAILS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/message_format.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/bytes.h"

namespace penstock {

// The absl::Status payload that holds them: a google.rpc.Status, whose code and message count for
// nothing.
inline constexpr std::string_view kStatusDetailsUrl = "type.googleapis.com/google.rpc.Status";
inline constexpr std::string_view kDetailUrlPrefix = "type.googleapis.com/";

// A google.protobuf.Any.
struct StatusDetail {
  std::string type_url;  // "type.googleapis.com/google.rpc.BadRequest"
  std::string value;     // the message, serialised
};

// Behind those that are there. A status that is OK has none, and stays so.
void AddDetail(Status& status, std::string_view type_url, std::string_view value);

template <codec::HasLayout Message>
void AddDetail(Status& status, const Message& message) {
  AddDetail(status, std::string(kDetailUrlPrefix).append(Message::kFullName),
            message.SerializeAsString());
}

// All of them, in their order; none where the payload is no google.rpc.Status.
std::vector<StatusDetail> DetailsOf(const Status& status);

// The first that is a Message. Nothing where there is none, or where it cannot be parsed.
template <codec::HasLayout Message>
std::optional<Message> DetailOf(const Status& status) {
  for (const StatusDetail& detail : DetailsOf(status)) {
    const std::string_view url = detail.type_url;
    if (url.substr(url.rfind('/') + 1) != Message::kFullName) continue;
    std::optional<Message> message(std::in_place);
    if (!message->ParseFrom(wire::AsBytes(detail.value)).ok()) message.reset();
    return message;
  }
  return std::nullopt;
}

namespace rpc {

// What grpc-status-details-bin holds before base64: a google.rpc.Status with the status' code and
// message, and its details. "" for a status without them, or with a payload that is none.
std::string SerializeStatusDetails(const Status& status);

// The other way: `bytes` as they were received with `status`. False, and the status stays as it is,
// where they are no google.rpc.Status or have another code.
[[nodiscard]] bool TakeStatusDetails(std::string_view bytes, Status& status);

}  // namespace rpc
}  // namespace penstock

#endif  // PENSTOCK_RPC_STATUS_DETAILS_H_
