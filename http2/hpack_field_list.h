// The fields of one decoded header block, and the bytes that belong to nobody else.
//
// A FieldList is scratch: make one per shard (or per connection) and hand it to every Decode. It
// keeps its storage, so a steady stream of blocks allocates nothing.
//
//   FieldList fields;
//   if (decoder.Decode(block, fields, limits) == HpackError::kOk)
//     for (const HeaderField& field : fields) ...
//
// Ownership:  the views of a field point into the static table, the decoder's dynamic table, the
//             input block, or this list. They live until the next Decode with this list or with
//             that decoder, as long as the block and the decoder live.
// Limits:     HeaderLimits bounds both the fields and the bytes held here
#ifndef PENSTOCK_HTTP2_HPACK_FIELD_LIST_H_
#define PENSTOCK_HTTP2_HPACK_FIELD_LIST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "penstock/http2/hpack_field.h"

namespace penstock::http2 {

class FieldList {
 public:
  FieldList() = default;
  FieldList(FieldList&&) = default;
  FieldList& operator=(FieldList&&) = default;

  const HeaderField* begin() const { return fields_.get(); }
  const HeaderField* end() const { return fields_.get() + count_; }
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const HeaderField& operator[](size_t index) const { return fields_[index]; }

  // Sum over the fields of name + value + 32, as SETTINGS_MAX_HEADER_LIST_SIZE counts it.
  uint32_t list_bytes() const { return list_bytes_; }

  // Changes with every Decode: what was worked out from the fields of one generation of this list
  // holds as long as it lasts. 0 before the first.
  uint64_t generation() const { return generation_; }

  // Forgets the fields and what they refer to; keeps the storage for the next block.
  void Clear() {
    ++generation_;
    count_ = 0;
    rescued_count_ = 0;
    list_bytes_ = 0;
    scratch_used_ = 0;
    if (!kept_alive_.empty()) kept_alive_.clear();
  }

 private:
  friend class HpackDecoder;

  void GrowFields();
  // Bytes that stay where they are until Clear().
  char* AllocateBytes(size_t bytes);
  void ReturnBytes(char* from) { scratch_used_ = static_cast<size_t>(from - scratch_.get()); }
  std::string_view KeepCopy(std::string_view text);
  // Keeps `storage` alive until Clear(): a table moved out of it, fields may still refer to it.
  void KeepAlive(std::unique_ptr<char[]> storage) { kept_alive_.push_back(std::move(storage)); }
  // Copies what fields refer to inside [storage, storage + bytes), which is about to be
  // overwritten. Each field is looked at once per block.
  void RescueFrom(const char* storage, size_t bytes);

  std::unique_ptr<HeaderField[]> fields_;
  uint64_t generation_ = 0;
  uint32_t count_ = 0;
  uint32_t capacity_ = 0;
  uint32_t rescued_count_ = 0;
  uint32_t list_bytes_ = 0;
  std::unique_ptr<char[]> scratch_;
  size_t scratch_used_ = 0;
  size_t scratch_capacity_ = 0;
  std::vector<std::unique_ptr<char[]>> kept_alive_;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_FIELD_LIST_H_
