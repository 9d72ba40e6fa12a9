#include "penstock/codec/parse_result.h"

namespace penstock::codec {
namespace {

struct Words {
  std::string_view name;
  std::string_view sentence;
};

Words WordsFor(ParseError error) {
  switch (error) {
    case ParseError::kNone:
      return {"kNone", "the message is well formed"};
    case ParseError::kTruncated:
      return {"kTruncated", "the message ends inside a field"};
    case ParseError::kVarintTooLong:
      return {"kVarintTooLong", "a varint is too long"};
    case ParseError::kBadTag:
      return {"kBadTag", "a tag has an impossible field number or wire type"};
    case ParseError::kUnmatchedGroup:
      return {"kUnmatchedGroup", "a group ends that did not begin"};
    case ParseError::kInvalidUtf8:
      return {"kInvalidUtf8", "a string is not valid UTF-8"};
    case ParseError::kTooDeep:
      return {"kTooDeep", "messages are nested more than 100 deep"};
    case ParseError::kTooLarge:
      return {"kTooLarge", "a length exceeds 2 GiB"};
    case ParseError::kMemoryLimit:
      return {"kMemoryLimit", "the message needs more memory than its arena may take"};
    case ParseError::kMissingField:
      return {"kMissingField", "a required field is missing"};
    case ParseError::kRefused:
      return {"kRefused", "Protocol Buffers' own parser refuses it"};
  }
  return {"unknown", "unknown parse error"};
}

}  // namespace

std::string_view Name(ParseError error) { return WordsFor(error).name; }

std::string Describe(ParseResult result) {
  std::string text(WordsFor(result.error).sentence);
  if (!result.ok()) text += ", at octet " + std::to_string(result.offset);
  return text;
}

}  // namespace penstock::codec
