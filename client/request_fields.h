// RequestFields: the header fields of a client call, in the order that gRPC wants, made without the
// heap.
//
// Spec: gRPC PROTOCOL-HTTP2, "Requests"
#ifndef PENSTOCK_CLIENT_REQUEST_FIELDS_H_
#define PENSTOCK_CLIENT_REQUEST_FIELDS_H_

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "penstock/client/client_call.h"
#include "penstock/http2/connection.h"
#include "penstock/rpc/timeout.h"

namespace penstock::client {

class RequestFields {
 public:
  // The call's deadline has not passed. Ownership: views what is the channel's; what it makes is in
  // itself and in the call's arena.
  RequestFields(ClientCall& call, const ChannelCore& core);
  RequestFields(const RequestFields&) = delete;
  RequestFields& operator=(const RequestFields&) = delete;

  std::span<const http2::OutgoingField> fields() const { return {fields_, count_}; }

 private:
  // More than that go to the arena.
  static constexpr size_t kFewFieldsMax = 18;
  static constexpr size_t kOwnFieldsMax = 10;

  void Add(std::string_view name, std::string_view value, http2::IndexingPolicy indexing) {
    fields_[count_++] = {name, value, indexing};
  }
  void AddMetadata(ClientCall& call);

  std::array<http2::OutgoingField, kFewFieldsMax> few_;
  char timeout_[rpc::kTimeoutBytesMax];
  http2::OutgoingField* fields_;
  size_t count_ = 0;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_REQUEST_FIELDS_H_
