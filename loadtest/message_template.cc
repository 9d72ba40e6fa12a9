#include "penstock/loadtest/message_template.h"

#include <charconv>
#include <utility>

#include "penstock/codec/json/json.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::loadtest {
namespace {

constexpr std::string_view kBegin = "{{";
constexpr std::string_view kEnd = "}}";

// The next word of `*text`, which it leaves behind; "": none.
std::string_view TakeWord(std::string_view* text) {
  text->remove_prefix(std::min(text->find_first_not_of(' '), text->size()));
  const std::string_view word = text->substr(0, text->find(' '));
  text->remove_prefix(word.size());
  return word;
}

bool ParseNumber(std::string_view text, int64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

MessageTemplate::MessageTemplate(std::shared_ptr<const Schema> schema,
                                 const codec::reflection::MessageDescriptor& input)
    : schema_(std::move(schema)), types_(schema_->pool()), type_(types_.TypeOf(input)) {}

std::shared_ptr<const MessageTemplate> MessageTemplate::Parse(std::string_view json,
                                                              std::string_view method,
                                                              std::shared_ptr<const Schema> schema,
                                                              std::string* why) {
  const auto* found = schema->FindMethod(method, why);
  if (found == nullptr) return nullptr;
  std::shared_ptr<MessageTemplate> made(new MessageTemplate(std::move(schema), *found->input));
  if (!made->Cut(json, why)) return nullptr;
  TemplateWriter writer(made.get());
  for (const auto numbers : {TemplateWriter::Numbers::kLeast, TemplateWriter::Numbers::kMost}) {
    writer.Fill(numbers);
    std::string trouble;
    if (writer.Encode(&trouble)) continue;
    *why = "--data is no " + found->input->full_name + " once it is filled in: " + trouble +
           " in " + writer.json_;
    return nullptr;
  }
  made->next_sequence_ = 0;
  return made;
}

bool MessageTemplate::Cut(std::string_view json, std::string* why) {
  while (true) {
    const size_t begin = json.find(kBegin);
    Piece piece;
    piece.text = json.substr(0, begin);
    if (begin == json.npos) {
      pieces_.push_back(std::move(piece));
      return true;
    }
    json.remove_prefix(begin + kBegin.size());
    const size_t end = std::min(json.find(kEnd), json.size());
    if (end == json.size() || !ParseFilling(json.substr(0, end), &piece)) {
      *why = "--data has '{{" + std::string(json.substr(0, end)) +
             (end == json.size() ? "" : "}}") +
             "', which is no template: there are {{seq}}, {{uuid}} and {{rand A B}}, A not above B";
      return false;
    }
    json.remove_prefix(end + kEnd.size());
    pieces_.push_back(std::move(piece));
  }
}

bool MessageTemplate::ParseFilling(std::string_view text, Piece* piece) {
  const std::string_view name = TakeWord(&text);
  if (name == "seq") {
    piece->filling = Filling::kSequence;
  } else if (name == "uuid") {
    piece->filling = Filling::kUuid;
  } else if (name == "rand") {
    piece->filling = Filling::kRandom;
    const bool are_numbers =
        ParseNumber(TakeWord(&text), &piece->least) && ParseNumber(TakeWord(&text), &piece->most);
    if (!are_numbers || piece->least > piece->most) return false;
  } else {
    return false;
  }
  return TakeWord(&text).empty();
}

TemplateWriter::TemplateWriter(const MessageTemplate* shape)
    : shape_(*shape), random_(std::random_device()()), message_(shape->type_) {}

void TemplateWriter::Fill(Numbers numbers) {
  using Filling = MessageTemplate::Filling;
  json_.clear();
  for (const MessageTemplate::Piece& piece : shape_.pieces_) {
    json_ += piece.text;
    switch (piece.filling) {
      case Filling::kNone:
        break;
      case Filling::kSequence:
        json_ += std::to_string(shape_.next_sequence_.fetch_add(1, std::memory_order_relaxed));
        break;
      case Filling::kUuid:
        AppendUuid();
        break;
      case Filling::kRandom:
        json_ += std::to_string(
            numbers == Numbers::kLeast  ? piece.least
            : numbers == Numbers::kMost ? piece.most
                                        : std::uniform_int_distribution<int64_t>(
                                              piece.least, piece.most)(random_));
        break;
    }
  }
}

// Spec: RFC 9562 §5.4
void TemplateWriter::AppendUuid() {
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr uint64_t kVersion = 4;
  constexpr uint64_t kVariant = 8;
  uint64_t bits = random_();
  for (int i = 0; i < 32; ++i, bits >>= 4) {
    if (i == 16) bits = random_();
    if (i == 8 || i == 12 || i == 16 || i == 20) json_ += '-';
    uint64_t digit = bits & 0xf;
    if (i == 12) digit = kVersion;
    if (i == 16) digit = kVariant | (digit & 3);
    json_ += kDigits[digit];
  }
}

bool TemplateWriter::Encode(std::string* why) {
  const codec::json::JsonStatus status = codec::json::FromJson(json_, message_.ref());
  if (!status.ok()) {
    *why = status.message();
    return false;
  }
  const size_t bytes = message_.ByteSize();
  octets_.resize(wire::kMessagePrefixBytes + bytes);
  message_.SerializeTo(
      wire::StoreMessagePrefix(octets_.data(), {0, static_cast<uint32_t>(bytes)}));
  return true;
}

wire::Bytes TemplateWriter::Next() {
  Fill(Numbers::kRandom);
  std::string why;
  if (!Encode(&why)) ++misfits_count_;  // the one before it
  return octets_;
}

}  // namespace penstock::loadtest
