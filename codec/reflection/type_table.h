// TypeTable: makes and keeps the MessageTypes of a TypeSource. Part of those.
#ifndef PENSTOCK_CODEC_REFLECTION_TYPE_TABLE_H_
#define PENSTOCK_CODEC_REFLECTION_TYPE_TABLE_H_

#include <map>
#include <memory>

#include "penstock/codec/reflection/message_type.h"

namespace penstock::codec::reflection {

class TypeTable {
 public:
  // Whom the types name as their source.
  explicit TypeTable(const TypeSource* source) : source_(source) {}

  // The type of messages of that descriptor, which lie as `layout` says. With it come the types of
  // all messages that it may hold, so that no type is ever half made.
  const MessageType& Add(const MessageDescriptor& descriptor, const MessageLayout& layout);

  // Null when Add() has not met it.
  const MessageType* Find(const MessageDescriptor& descriptor) const;

 private:
  MessageType* Declare(const MessageDescriptor& descriptor, const MessageLayout& layout);
  void Fill(MessageType* type);
  static void FillIndices(MessageType* type);

  const TypeSource* const source_;
  std::map<const MessageDescriptor*, std::unique_ptr<MessageType>> types_;
  std::vector<MessageType*> unfilled_;
};

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_TYPE_TABLE_H_
