#include "penstock/rpc/call.h"

namespace penstock {

void Call::BeginAsCopyOf(const Call& original) {
  method_ = arena_.Copy(original.method_);
  content_subtype_ = arena_.Copy(original.content_subtype_);
  content_codec_ = original.content_codec_;
  peer_ = arena_.Copy(original.peer());
  deadline_ = original.deadline_;
  compression_ = original.compression_;
  messages_received_count_ = original.messages_received_count_;
  values_.Within(&original.values_);
  for (const Metadata::Entry& entry : original.metadata_) {
    metadata_.AddReceived(entry.key, entry.value);
  }
  // What interceptors have added already.
  for (const Metadata::Entry& entry : original.initial_metadata_) {
    initial_metadata_.AddReceived(entry.key, entry.value);
  }
  for (const Metadata::Entry& entry : original.trailing_metadata_) {
    trailing_metadata_.AddReceived(entry.key, entry.value);
  }
}

namespace {

void Complete(std::span<const Metadata::Entry> all, Metadata* metadata) {
  for (size_t i = metadata->size(); i < all.size(); ++i) {
    metadata->AddReceived(all[i].key, all[i].value);
  }
}

}  // namespace

void Call::TakeInitialMetadata(std::span<const Metadata::Entry> all) {
  Complete(all, &initial_metadata_);
}

void Call::TakeAnswerOf(const Call& copy) {
  TakeInitialMetadata({copy.initial_metadata_.begin(), copy.initial_metadata_.size()});
  Complete({copy.trailing_metadata_.begin(), copy.trailing_metadata_.size()}, &trailing_metadata_);
  TakeCompression(copy.compression_);
}

}  // namespace penstock
