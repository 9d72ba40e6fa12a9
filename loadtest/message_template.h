// MessageTemplate: a request whose JSON has places that differ from call to call:
//
//     {"id": {{seq}}, "key": "{{uuid}}", "amount": {{rand 1 100}}}
//
//     {{seq}}       0, 1, 2, ...: over all shards, none twice
//     {{uuid}}      a random UUID (RFC 9562, version 4)
//     {{rand A B}}  a whole number from A to B, both included
//
// The text is cut apart once; each call's message is made anew of its JSON, which costs a generator
// some microseconds; a fixed message costs nothing.
//
// Threading: const, and shared by the shards; each has a TemplateWriter of its own.
#ifndef PENSTOCK_LOADTEST_MESSAGE_TEMPLATE_H_
#define PENSTOCK_LOADTEST_MESSAGE_TEMPLATE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/loadtest/schema.h"
#include "penstock/wire/bytes.h"

namespace penstock::loadtest {

class MessageTemplate {
 public:
  // Whether there is anything to fill in.
  static bool IsTemplate(std::string_view json) { return json.find("{{") != json.npos; }

  // A template for the request of `method`, tried out with the smallest and the largest numbers.
  // Null, with a sentence in `*why`, where something is wrong with it.
  static std::shared_ptr<const MessageTemplate> Parse(std::string_view json,
                                                      std::string_view method,
                                                      std::shared_ptr<const Schema> schema,
                                                      std::string* why);

 private:
  friend class TemplateWriter;

  enum class Filling : uint8_t { kNone, kSequence, kUuid, kRandom };
  // A text, and what follows it.
  struct Piece {
    std::string text;
    Filling filling = Filling::kNone;
    int64_t least = 0;
    int64_t most = 0;
  };

  MessageTemplate(std::shared_ptr<const Schema> schema,
                  const codec::reflection::MessageDescriptor& input);
  bool Cut(std::string_view json, std::string* why);
  static bool ParseFilling(std::string_view text, Piece* piece);

  const std::shared_ptr<const Schema> schema_;
  const codec::reflection::DynamicTypes types_;
  const codec::reflection::MessageType& type_;
  std::vector<Piece> pieces_;
  mutable std::atomic<uint64_t> next_sequence_{0};
};

// Makes the messages of one shard.
class TemplateWriter {
 public:
  // Ownership: the template outlives it.
  explicit TemplateWriter(const MessageTemplate* shape);
  // Null for null: without a template there is nothing to write.
  static std::unique_ptr<TemplateWriter> Of(const MessageTemplate* shape) {
    return shape == nullptr ? nullptr : std::make_unique<TemplateWriter>(shape);
  }

  // The next message behind its prefix, until the next Next(). One that does not fit the schema,
  // such as a {{seq}} past what an int32 holds, is replaced by the one before it.
  wire::Bytes Next();
  // How many times that was so.
  uint64_t misfits_count() const { return misfits_count_; }

 private:
  friend class MessageTemplate;
  enum class Numbers : uint8_t { kRandom, kLeast, kMost };

  void Fill(Numbers numbers);
  bool Encode(std::string* why);
  void AppendUuid();

  const MessageTemplate& shape_;
  std::mt19937_64 random_;
  codec::reflection::DynamicMessage message_;
  std::string json_;
  std::vector<uint8_t> octets_;
  uint64_t misfits_count_ = 0;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_MESSAGE_TEMPLATE_H_
