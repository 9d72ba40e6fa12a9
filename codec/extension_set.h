// ExtensionSet: the extensions of one message, in its arena. Programs use extension.h.
//
// No registry says which extensions exist. Parsing keeps the fields of each number set aside for
// extensions as octets; they are decoded when the program first asks with an ExtensionLayout. Until
// the program changes an extension its octets are what is written, so reading changes nothing; from
// then on its value is. Octets that do not decode are an absent extension to getters, and
// Check() says what is wrong with them.
//
// The octets are fields with their tags, as they stand in the message; in a message set whole items
// (type id in front of the message, however they came).
//
// Threading: const methods may run on several threads at once, as those of messages may, but the
//            first Find() of each extension takes memory of the message's arena. It is guarded
//            against other first Find()s and against nothing else: nobody may take memory of that
//            arena (or of its pool) meanwhile. A free-standing message's arena is its own. One in
//            a call's arena is asked on the call's shard, or has had its first Find()s there.
// Limits:    the arena's cap holds for octets and for what is decoded from them; kParseDepthMax for
//            nesting, counted from the message that was parsed.
#ifndef PENSTOCK_CODEC_EXTENSION_SET_H_
#define PENSTOCK_CODEC_EXTENSION_SET_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "penstock/codec/extension_value.h"
#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/parse_result.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec {

// One number. Nodes form a tree: each has the smallest number of those below it, and the bit that
// its depth selects (the highest at the root) says on which side another number lies. So no order
// of numbers makes it deeper than 32, and pre-order is ascending.
struct ExtensionNode {
  explicit ExtensionNode(uint32_t its_number) : number(its_number) {}

  wire::Bytes octets() const { return {data, size}; }
  bool IsEmpty() const;
  // Forgets everything but the memory.
  void Clear();
  // The value goes; what it took is used again.
  void DropValue();
  // An empty one for this node, whose message has that head. Null when the arena's cap (with
  // `capped`) allows no more.
  ExtensionValue* TakeValue(const MessageHead& head, const ExtensionLayout& layout, bool capped);
  // False when the arena's cap (with `capped`) or kMessageBytesMax allows no more.
  [[nodiscard]] bool Append(MessageHead& head, wire::Bytes more, bool capped) {
    return AppendPieces(head, {more}, capped);
  }
  [[nodiscard]] bool AppendPieces(MessageHead& head, std::initializer_list<wire::Bytes> pieces,
                                  bool capped);

  ExtensionNode* children[2] = {};
  uint8_t* data = nullptr;
  std::atomic<ExtensionValue*> value = nullptr;
  ExtensionValue* spare = nullptr;  // memory of an earlier value
  uint32_t number;
  uint32_t size = 0;
  uint32_t capacity = 0;  // of data; 0 when it is viewed
  bool is_set = false;    // the value counts, and there are no octets; otherwise these do
};

// Steps through the nodes in ascending numbers.
class ExtensionCursor {
 public:
  explicit ExtensionCursor(ExtensionNode* root) {
    if (root != nullptr) stack_[depth_++] = root;
  }
  // Null behind the last.
  ExtensionNode* Next();

 private:
  static constexpr int kDepthMax = 34;  // 32 bits, the root, and one that waits
  ExtensionNode* stack_[kDepthMax];
  int depth_ = 0;
};

class ExtensionSet {
 public:
  constexpr ExtensionSet() = default;

  // In these, `head` is that of the message which has this set.

  // What is there under the layout's number, decoded; null when there is no value.
  const ExtensionValue* Find(const MessageHead& head, const ExtensionLayout& layout) const;
  // For changing it; made when there is none. Octets that do not decode are given up.
  ExtensionValue& Mutable(MessageHead& head, const ExtensionLayout& layout);
  // Whether the octets decode and no required field is missing. Offsets are within Octets().
  ParseResult Check(const MessageHead& head, const ExtensionLayout& layout) const;
  // Takes away whatever is there under the number.
  void Clear(uint32_t number);

  // Raw access: for JSON, printing and dynamic messages.
  // Calls visit(uint32_t number, wire::Bytes fields) in ascending numbers.
  template <typename Visit>
  void ForEach(Visit visit) const;
  // All fields of the number with their tags; empty when there are none.
  std::string Octets(uint32_t number) const;
  // `fields` are well-formed fields of that number (items of it, in a message set), which is one
  // of the message's ranges. They are copied. Append adds to what is there, as if both had been
  // parsed.
  void SetOctets(MessageHead& head, uint32_t number, wire::Bytes fields);
  void AppendOctets(MessageHead& head, uint32_t number, wire::Bytes fields);

  // For parsing. The value that was set under the number; null when octets are what counts.
  ExtensionValue* SetValue(uint32_t number);
  // Adds what a peer sent under a number that has no SetValue(), and with `may_view` views it.
  // `depth` is how deep the message lies in what is parsed. False: the arena's cap.
  [[nodiscard]] bool TryAppend(MessageHead& head, uint32_t number, wire::Bytes fields,
                               bool may_view, int depth);
  // The same for an item of a message set; `depth` is that of the item's message's parent.
  [[nodiscard]] bool TryAppendItem(MessageHead& head, uint32_t type_id, wire::Bytes message,
                                   int depth);

  // For writing.
  size_t ByteSize() const { return root_ == nullptr ? 0 : ByteSizeOfAll(); }
  // Those from number `first` to `last`.
  uint8_t* WriteTo(uint8_t* p, uint32_t first, uint32_t last, MapOrder order) const {
    return root_ == nullptr ? p : WriteRange(p, first, last, order);
  }

 private:
  friend struct ExtensionSetOperations;

  ExtensionNode* FindNode(uint32_t number) const;
  ExtensionNode* FindOrAdd(MessageHead& head, uint32_t number, bool capped);
  PENSTOCK_COLD ExtensionValue* Decode(const MessageHead& head, ExtensionNode& node,
                                       const ExtensionLayout& layout) const;
  void MergeNode(MessageHead& to, const MessageHead& from, const ExtensionSet& of_from,
                 ExtensionNode& node);
  ExtensionValue* ValueOf(const MessageHead& head, ExtensionNode& node,
                          const ExtensionLayout& layout) const;
  size_t ByteSizeOfAll() const;
  uint8_t* WriteRange(uint8_t* p, uint32_t first, uint32_t last, MapOrder order) const;

  ExtensionNode* root_ = nullptr;
  uint32_t node_count_ = 0;
  uint32_t depth_ = 0;  // of the deepest message that octets here were parsed in
};

static_assert(sizeof(ExtensionSet) == 16, "part of every message that may be extended");

extern const ExtensionOperations kExtensionOperations;

// The set of a message whose layout has one.
inline ExtensionSet& ExtensionsOf(MessageHead& message, const MessageLayout& layout) {
  return At<ExtensionSet>(message, layout.extensions_offset);
}
inline const ExtensionSet& ExtensionsOf(const MessageHead& message, const MessageLayout& layout) {
  return At<ExtensionSet>(message, layout.extensions_offset);
}

template <typename Visit>
void ExtensionSet::ForEach(Visit visit) const {
  ExtensionCursor cursor(root_);
  while (const ExtensionNode* node = cursor.Next()) {
    if (node->IsEmpty()) continue;
    if (node->is_set) {
      const std::string written = Octets(node->number);
      visit(node->number, wire::AsBytes(written));
    } else {
      visit(node->number, node->octets());
    }
  }
}

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_EXTENSION_SET_H_
