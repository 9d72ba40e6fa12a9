// Messages with extensions, cleared, merged, compared and looked through for required fields.
#include "penstock/codec/extension_set.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/message_operations.h"
#include "penstock/codec/required_fields.h"

namespace penstock::codec {
namespace {

const ExtensionNode* NextWithContent(ExtensionCursor& cursor) {
  const ExtensionNode* node = cursor.Next();
  while (node != nullptr && node->IsEmpty()) node = cursor.Next();
  return node;
}

}  // namespace

struct ExtensionSetOperations {
  static void Clear(MessageHead& message, const MessageLayout& layout) {
    ExtensionSet& set = ExtensionsOf(message, layout);
    if (set.node_count_ > kRetainedExtensionsMax) {
      set = ExtensionSet();
      return;
    }
    ExtensionCursor cursor(set.root_);
    while (ExtensionNode* node = cursor.Next()) node->Clear();
    set.depth_ = 0;
  }

  static void Merge(MessageHead& to, const MessageHead& from, const MessageLayout& layout) {
    ExtensionSet& set = ExtensionsOf(to, layout);
    const ExtensionSet& other = ExtensionsOf(from, layout);
    ExtensionCursor cursor(other.root_);
    while (ExtensionNode* node = cursor.Next()) {
      if (!node->IsEmpty()) set.MergeNode(to, from, other, *node);
    }
  }

  static bool Equal(const MessageHead& a, const MessageHead& b, const MessageLayout& layout) {
    const ExtensionSet& of_a = ExtensionsOf(a, layout);
    const ExtensionSet& of_b = ExtensionsOf(b, layout);
    ExtensionCursor cursor_a(of_a.root_);
    ExtensionCursor cursor_b(of_b.root_);
    while (true) {
      const ExtensionNode* node_a = NextWithContent(cursor_a);
      const ExtensionNode* node_b = NextWithContent(cursor_b);
      if (node_a == nullptr || node_b == nullptr) return node_a == node_b;
      if (node_a->number != node_b->number) return false;
      if (!EqualNodes(a, of_a, *node_a, b, of_b, *node_b)) return false;
    }
  }

  static bool HasRequired(const MessageHead& message, const MessageLayout& layout) {
    ExtensionCursor cursor(ExtensionsOf(message, layout).root_);
    while (const ExtensionNode* node = cursor.Next()) {
      const ExtensionValue* value = node->value.load(std::memory_order_acquire);
      if (value == nullptr) continue;
      if (!HasRequiredFields(value->head, value->layout->as_message)) return false;
    }
    return true;
  }

  static void AppendMissing(const MessageHead& message, const MessageLayout& layout,
                            const std::string& path, std::string* missing) {
    ExtensionCursor cursor(ExtensionsOf(message, layout).root_);
    while (const ExtensionNode* node = cursor.Next()) {
      const ExtensionValue* value = node->value.load(std::memory_order_acquire);
      if (value == nullptr || !value->layout->as_message.has_required) continue;
      AppendMissingFields(value->head, value->layout->as_message, path, missing);
    }
  }

 private:
  // Where somebody said what they are, values are compared: octets may differ and mean the same.
  static bool EqualNodes(const MessageHead& a, const ExtensionSet& of_a,
                         const ExtensionNode& node_a, const MessageHead& b,
                         const ExtensionSet& of_b, const ExtensionNode& node_b) {
    const ExtensionValue* value_a = node_a.value.load(std::memory_order_acquire);
    const ExtensionValue* value_b = node_b.value.load(std::memory_order_acquire);
    if (!node_a.is_set && !node_b.is_set &&
        wire::AsString(node_a.octets()) == wire::AsString(node_b.octets())) {
      return true;
    }
    const ExtensionValue* known = value_a != nullptr ? value_a : value_b;
    if (known == nullptr) return false;
    const ExtensionLayout& layout = *known->layout;
    value_a = of_a.ValueOf(a, *of_a.FindNode(node_a.number), layout);
    value_b = of_b.ValueOf(b, *of_b.FindNode(node_b.number), layout);
    if (value_a == nullptr || !value_a->result.ok()) return false;
    if (value_b == nullptr || !value_b->result.ok()) return false;
    return MessageOperations::Equal(value_a->head, value_b->head, layout.as_message);
  }
};

// Fields that stand one behind the other mean what merging them means: so octets are appended to
// octets.
void ExtensionSet::MergeNode(MessageHead& to, const MessageHead& from, const ExtensionSet& of_from,
                             ExtensionNode& node) {
  if (!node.is_set && SetValue(node.number) == nullptr) {
    AppendOctets(to, node.number, node.octets());
    depth_ = std::max(depth_, of_from.depth_);
    return;
  }
  const ExtensionValue* added = node.value.load(std::memory_order_relaxed);
  if (!node.is_set) {
    added = of_from.ValueOf(from, node, *SetValue(node.number)->layout);
    if (added == nullptr || !added->result.ok()) return;  // an absent extension adds nothing
  }
  ExtensionValue& value = Mutable(to, *added->layout);
  MessageOperations::Merge(value.head, added->head, added->layout->as_message);
}

constexpr ExtensionOperations kExtensionOperations = {
    .clear = &ExtensionSetOperations::Clear,
    .merge = &ExtensionSetOperations::Merge,
    .equal = &ExtensionSetOperations::Equal,
    .has_required = &ExtensionSetOperations::HasRequired,
    .append_missing = &ExtensionSetOperations::AppendMissing,
};

}  // namespace penstock::codec
