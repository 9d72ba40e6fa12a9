#include "penstock/rpc/call.h"

namespace penstock {

void Call::BeginAsCopyOf(Call* original) {
  method_ = arena_.Copy(original->method_);
  content_subtype_ = arena_.Copy(original->content_subtype_);
  content_codec_ = original->content_codec_;
  peer_ = arena_.Copy(original->peer());
  peer_identity_ = original->peer_identity_;
  deadline_ = original->deadline_;
  streams_ = original->streams_;
  compression_ = original->compression_;
  messages_received_count_ = original->messages_received_count_;
  values_.Within(&original->values_);
  for (const Metadata::Entry& entry : original->metadata_) {
    metadata_.AddReceived(entry.key, entry.value);
  }
  // What interceptors have added already.
  original->initial_metadata_.Lend(&initial_metadata_);
  original->trailing_metadata_.Lend(&trailing_metadata_);
}

void Call::TakeInitialMetadata(std::span<const Metadata::Entry> all) {
  initial_metadata_.TakeBack(all);
}

void Call::TakeAnswerOf(const Call& copy) {
  TakeInitialMetadata({copy.initial_metadata_.begin(), copy.initial_metadata_.size()});
  trailing_metadata_.TakeBack({copy.trailing_metadata_.begin(), copy.trailing_metadata_.size()});
  TakeCompression(copy.compression_);
}

}  // namespace penstock
