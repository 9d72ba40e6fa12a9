#include "penstock/http2/hpack_field_list.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "penstock/wire/check.h"

namespace penstock::http2 {
namespace {

constexpr uint32_t kFieldsAtFirst = 16;
constexpr size_t kScratchBytesAtFirst = 512;

bool LiesIn(std::string_view text, const char* storage, size_t bytes) {
  // std::less orders pointers into different objects too.
  return !text.empty() && !std::less<>()(text.data(), storage) &&
         std::less<>()(text.data(), storage + bytes);
}

}  // namespace

void FieldList::GrowFields() {
  const uint32_t grown = capacity_ == 0 ? kFieldsAtFirst : capacity_ * 2;
  std::unique_ptr<HeaderField[]> fields(new HeaderField[grown]);
  std::copy_n(fields_.get(), count_, fields.get());
  fields_ = std::move(fields);
  capacity_ = grown;
}

char* FieldList::AllocateBytes(size_t bytes) {
  if (PENSTOCK_UNLIKELY(bytes > scratch_capacity_ - scratch_used_)) {
    const size_t grown = std::max({kScratchBytesAtFirst, scratch_capacity_ * 2, bytes});
    // What is in use stays where it is, since fields refer to it.
    if (scratch_used_ != 0) kept_alive_.push_back(std::move(scratch_));
    scratch_.reset(new char[grown]);
    scratch_capacity_ = grown;
    scratch_used_ = 0;
  }
  char* bytes_at = scratch_.get() + scratch_used_;
  scratch_used_ += bytes;
  return bytes_at;
}

std::string_view FieldList::KeepCopy(std::string_view text) {
  if (text.empty()) return {};
  char* copy = AllocateBytes(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void FieldList::RescueFrom(const char* storage, size_t bytes) {
  for (; rescued_count_ < count_; ++rescued_count_) {
    HeaderField& field = fields_[rescued_count_];
    if (LiesIn(field.name, storage, bytes)) field.name = KeepCopy(field.name);
    if (LiesIn(field.value, storage, bytes)) field.value = KeepCopy(field.value);
  }
}

}  // namespace penstock::http2
