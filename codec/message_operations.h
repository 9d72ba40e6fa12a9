// What every message can do and no message generates: clear, copy, move, merge, compare. All walk
// the message's MessageLayout.
#ifndef PENSTOCK_CODEC_MESSAGE_OPERATIONS_H_
#define PENSTOCK_CODEC_MESSAGE_OPERATIONS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/wire/check.h"

namespace penstock::codec {

// Behind arena, ownership and remembered size lies what the invariant of MessageHead calls zero.
inline constexpr size_t kContentOffset = 16;

// A message is named by its head, which is its first member. Both heads of an operation belong to
// messages of `layout`.
class MessageOperations {
 public:
  // Empties the message. Memory is kept for the next content, up to kRetainedBytesMax of a
  // free-standing message.
  static void Clear(MessageHead& message, const MessageLayout& layout);

  // Makes one field absent.
  static void ClearField(MessageHead& message, const FieldLayout& field,
                         const MessageLayout& layout);

  // Replaces the content by a deep copy. `from` may lie inside `to`.
  static void Copy(MessageHead& to, const MessageHead& from, const MessageLayout& layout);

  // Adds what `from` has: values replace, messages merge, repeated fields append.
  static void Merge(MessageHead& to, const MessageHead& from, const MessageLayout& layout);

  // `to` is new. Takes the memory of `from`, and with it its arena; a nested message's content is
  // copied instead, since its memory belongs to the message around it. `from` is empty afterwards
  // where its memory was taken.
  // `kBytes` are the layout's: what a small message holds is moved inline.
  template <size_t kBytes>
  static void MoveConstruct(MessageHead& to, MessageHead& from, const MessageLayout& layout) {
    if constexpr (kBytes <= kInlineMoveBytesMax) {
      if (PENSTOCK_LIKELY(from.ownership_ == Ownership::kBorrowed)) {
        to.arena_ = from.arena_;
        to.ownership_ = Ownership::kBorrowed;
        char* const content = reinterpret_cast<char*>(&from) + kContentOffset;
        char* const target = reinterpret_cast<char*>(&to) + kContentOffset;
        MoveWords<(kBytes - kContentOffset) / sizeof(Word)>(target, content);
        std::memset(content, 0, kBytes - kContentOffset);
        return;
      }
    }
    MoveConstructOwned(to, from, layout);
  }

  // Takes the content of `from` without copying where both live in the same arena or both are
  // free-standing; copies otherwise.
  static void MoveAssign(MessageHead& to, MessageHead& from, const MessageLayout& layout);

  // Exchanges the contents: without copying where MoveAssign() would not copy.
  static void Swap(MessageHead& a, MessageHead& b, const MessageLayout& layout);

  // Equal means: the same fields present with the same bits in them (so a NaN equals itself and
  // -0.0 differs from 0.0), the same order in repeated fields, the same unknown fields.
  static bool Equal(const MessageHead& a, const MessageHead& b, const MessageLayout& layout);

  static std::string SerializeAsString(const MessageHead& message, const MessageLayout& layout,
                                       MapOrder order);

  // A new, empty message inside `parent`.
  static MessageHead* NewChild(MessageHead& parent, const MessageLayout& layout);
  // The same for what a peer sent: null when the arena's cap allows no more.
  static MessageHead* TryNewChild(MessageHead& parent, const MessageLayout& layout);

 private:
  // Behind it two calls of the C library cost less than the code.
  static constexpr size_t kInlineMoveBytesMax = 128;

  // Word by word, which `volatile` sees to: who moves a message has mostly just written it, field
  // by field, and a vector that is read over two such writes waits until both are in the cache.
  // Bench: handler_bench, coroutine: 174 to 172 ns.
  using Word [[gnu::may_alias]] = uint64_t;
  template <size_t kWords>
  static void MoveWords(char* target, const char* source) {
    const auto* const from = reinterpret_cast<const volatile Word*>(source);
    auto* const to = reinterpret_cast<Word*>(target);
    for (size_t i = 0; i < kWords; ++i) to[i] = from[i];
  }

  static void MoveConstructOwned(MessageHead& to, MessageHead& from, const MessageLayout& layout);
  static void Steal(MessageHead& to, MessageHead& from, const MessageLayout& layout);
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_MESSAGE_OPERATIONS_H_
