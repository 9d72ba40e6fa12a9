// What parsing a serialised message answers: nothing wrong, or what is wrong and where.
//
//     const codec::ParseResult result = request.ParseFrom(bytes);
//     if (!result.ok()) return absl::InternalError(codec::Describe(result));
#ifndef PENSTOCK_CODEC_PARSE_RESULT_H_
#define PENSTOCK_CODEC_PARSE_RESULT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::codec {

enum class ParseError : uint8_t {
  kNone,
  kTruncated,       // the input, or the enclosing message, ends inside a field
  kVarintTooLong,   // more octets than a varint of that place may have
  kBadTag,          // field number 0 or above 2^29-1, or a wire type that does not exist
  kUnmatchedGroup,  // a group ends that did not begin, or ends under another number
  kInvalidUtf8,     // a proto3 string is not UTF-8
  kTooDeep,         // nested beyond kParseDepthMax
  kTooLarge,        // a length above kMessageBytesMax
  kMemoryLimit,     // the message needs more memory than its arena may take
  kMissingField,    // a required field is absent: InitializationErrorString() names it
  kRefused,         // by the parser of another library, which says neither why nor where
};

// How the text and bytes fields of a parsed message hold their octets.
enum class StringRule : uint8_t {
  kCopy,   // in memory of the message: the input may go away
  kAlias,  // they may view the input, which must outlive the message or the field's next change
};

struct [[nodiscard]] ParseResult {
  ParseError error = ParseError::kNone;
  uint32_t offset = 0;  // of the faulty tag or value, in octets from the start of the input

  bool ok() const { return error == ParseError::kNone; }
  friend bool operator==(const ParseResult&, const ParseResult&) = default;
};

// "kTruncated" and so on: for logs and tests.
std::string_view Name(ParseError error);

// One sentence with the place: "the message ends inside a field, at octet 17".
std::string Describe(ParseResult result);

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_PARSE_RESULT_H_
