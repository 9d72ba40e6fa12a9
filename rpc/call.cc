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

// Metadata only grows: what was there before the copy began stands first in it.
void Call::TakeAnswerOf(const Call& copy) {
  for (size_t i = initial_metadata_.size(); i < copy.initial_metadata_.size(); ++i) {
    const Metadata::Entry& entry = copy.initial_metadata_.begin()[i];
    initial_metadata_.AddReceived(entry.key, entry.value);
  }
  for (size_t i = trailing_metadata_.size(); i < copy.trailing_metadata_.size(); ++i) {
    const Metadata::Entry& entry = copy.trailing_metadata_.begin()[i];
    trailing_metadata_.AddReceived(entry.key, entry.value);
  }
  compression_ = copy.compression_;
}

}  // namespace penstock
