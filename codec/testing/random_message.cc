#include "penstock/codec/testing/random_message.h"

#include <cstdint>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace penstock::codec::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Numbers of every length, edges among them.
uint64_t RandomBits(std::minstd_rand& random) {
  const uint64_t bits = (uint64_t{random()} << 33) ^ (uint64_t{random()} << 11) ^ random();
  switch (random() % 5) {
    case 0:
      return random() % 3;
    case 1:
      return ~uint64_t{0} << random() % 64;
    default:
      return bits >> random() % 64;
  }
}

std::string RandomText(std::minstd_rand& random, bool any_octets) {
  static const char* const kPieces[] = {
      "a", "Z", " ", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "longer piece of text"};
  std::string text;
  for (size_t left = random() % 5; left != 0; --left) {
    text +=
        any_octets ? std::string(random() % 4, static_cast<char>(random())) : kPieces[random() % 7];
  }
  return text;
}

// Sets the field, or adds to it.
void FillOne(Message* message, const FieldDescriptor* field, std::minstd_rand& random, int depth) {
  const Reflection* reflection = message->GetReflection();
  const bool repeated = field->is_repeated();
  const uint64_t bits = RandomBits(random);
  switch (field->cpp_type()) {
#define PENSTOCK_SET(kind, Name, value)                            \
  case FieldDescriptor::kind:                                      \
    return repeated ? reflection->Add##Name(message, field, value) \
                    : reflection->Set##Name(message, field, value)
    PENSTOCK_SET(CPPTYPE_INT32, Int32, static_cast<int32_t>(bits));
    PENSTOCK_SET(CPPTYPE_INT64, Int64, static_cast<int64_t>(bits));
    PENSTOCK_SET(CPPTYPE_UINT32, UInt32, static_cast<uint32_t>(bits));
    PENSTOCK_SET(CPPTYPE_UINT64, UInt64, bits);
    PENSTOCK_SET(CPPTYPE_DOUBLE, Double, static_cast<double>(bits) / 3);
    PENSTOCK_SET(CPPTYPE_FLOAT, Float, static_cast<float>(bits));
    PENSTOCK_SET(CPPTYPE_BOOL, Bool, bits % 2 == 0);
    PENSTOCK_SET(CPPTYPE_STRING, String,
                 RandomText(random, field->type() == FieldDescriptor::TYPE_BYTES));
#undef PENSTOCK_SET
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int index = static_cast<int>(random()) % field->enum_type()->value_count();
      const int number = field->enum_type()->value(index)->number();
      return repeated ? reflection->AddEnumValue(message, field, number)
                      : reflection->SetEnumValue(message, field, number);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth <= (field->is_map() ? 1 : 0)) return;
      FillRandomly(repeated ? reflection->AddMessage(message, field)
                            : reflection->MutableMessage(message, field),
                   random, depth - 1);
      return;
  }
}

}  // namespace

void FillRandomly(Message* message, std::minstd_rand& random, int depth) {
  const google::protobuf::Descriptor* descriptor = message->GetDescriptor();
  const bool is_entry = descriptor->options().map_entry();
  std::vector<const FieldDescriptor*> fields;
  descriptor->file()->pool()->FindAllExtensions(descriptor, &fields);
  for (int i = 0; i < descriptor->field_count(); ++i) fields.push_back(descriptor->field(i));
  for (const FieldDescriptor* field : fields) {
    if (!field->is_required() && !is_entry && random() % 3 != 0) continue;
    const size_t count = field->is_repeated() ? random() % 12 : 1;
    for (size_t n = 0; n < count; ++n) FillOne(message, field, random, depth);
  }
}

std::string SerializeSorted(const Message& message) {
  std::string wire;
  google::protobuf::io::StringOutputStream stream(&wire);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return wire;
}

std::string Damage(std::string wire, std::minstd_rand& random) {
  for (size_t left = 1 + random() % 3; left != 0 && !wire.empty(); --left) {
    const size_t at = random() % wire.size();
    switch (random() % 6) {
      case 0:
        wire[at] = static_cast<char>(random());
        break;
      case 1:
        wire[at] = static_cast<char>(wire[at] ^ (1 << random() % 8));
        break;
      case 2:
        wire.insert(at, 1, static_cast<char>(random()));
        break;
      case 3:
        wire.erase(at, 1 + random() % 3);
        break;
      case 4:
        wire.insert(at, wire.substr(random() % wire.size(), random() % 20));
        break;
      default:
        wire.resize(at);
        break;
    }
  }
  return wire;
}

}  // namespace penstock::codec::testing
