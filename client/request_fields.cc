#include "penstock/client/request_fields.h"

#include "penstock/client/channel_core.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/rpc/base64.h"
#include "penstock/rpc/metadata.h"

namespace penstock::client {
namespace {

using http2::IndexingPolicy;

// Of metadata, whose values mostly differ from call to call.
IndexingPolicy PolicyOf(const Metadata::Entry& entry) {
  return http2::SuggestedIndexing(entry.key, entry.value) == IndexingPolicy::kNever
             ? IndexingPolicy::kNever
             : IndexingPolicy::kNoIndex;
}

}  // namespace

RequestFields::RequestFields(ClientCall& call, const ChannelCore& core)
    : fields_(few_.data()) {
  const size_t count_max = kOwnFieldsMax + call.metadata().size();
  if (PENSTOCK_UNLIKELY(count_max > kFewFieldsMax)) {
    fields_ = static_cast<http2::OutgoingField*>(call.arena().Allocate(
        count_max * sizeof(http2::OutgoingField), alignof(http2::OutgoingField)));
  }
  Add(":method", "POST", IndexingPolicy::kIndex);
  Add(":scheme", core.scheme(), IndexingPolicy::kIndex);
  Add(":path", call.method(), IndexingPolicy::kIndex);
  Add(":authority", core.authority(), IndexingPolicy::kIndex);
  Add("te", "trailers", IndexingPolicy::kIndex);
  if (call.deadline() != kTimeNever) {
    // It is another one every time.
    Add("grpc-timeout", {timeout_, rpc::FormatTimeout(call.time_left_ns(), timeout_)},
        IndexingPolicy::kNoIndex);
  }
  Add("content-type", "application/grpc", IndexingPolicy::kIndex);
  Add("user-agent", core.user_agent(), IndexingPolicy::kIndex);
  if (PENSTOCK_UNLIKELY(!call.compression().is_unused())) {
    Add("grpc-encoding", call.compression().sent_name(), IndexingPolicy::kIndex);
  }
  Add("grpc-accept-encoding", core.encodings().accepted(), IndexingPolicy::kIndex);
  if (PENSTOCK_UNLIKELY(!call.metadata().empty())) AddMetadata(call);
}

void RequestFields::AddMetadata(ClientCall& call) {
  for (const Metadata::Entry& entry : call.metadata()) {
    if (!IsBinaryKey(entry.key)) {
      Add(entry.key, entry.value, PolicyOf(entry));
      continue;
    }
    const size_t bytes = rpc::Base64EncodedBytes(entry.value.size());
    char* encoded = static_cast<char*>(call.arena().Allocate(bytes, 1));
    rpc::Base64Encode(entry.value, encoded);
    Add(entry.key, {encoded, bytes}, IndexingPolicy::kNoIndex);
  }
}

}  // namespace penstock::client
