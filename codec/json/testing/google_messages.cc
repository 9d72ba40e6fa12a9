#include "penstock/codec/json/testing/google_messages.h"

#include <memory>
#include <vector>

#include "penstock/codec/testing/random_message.h"

#include "codec/json/testing/google/known.pb.h"
#include "codec/testing/google/rich_proto2.pb.h"
#include "codec/testing/google/rich_proto3.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"

namespace penstock::codec::json::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::unique_ptr<Message> NewMessage(GoogleMessage kind) {
  switch (kind) {
    case GoogleMessage::kRich3:
      return std::make_unique<codec::testing::google_proto3::Rich>();
    case GoogleMessage::kRich2:
      return std::make_unique<codec::testing::google_proto2::Rich>();
    case GoogleMessage::kKnown:
      return std::make_unique<google_known::Known>();
  }
  return nullptr;
}

std::string Serialize(const Message& message) {
  std::string wire;
  google::protobuf::io::StringOutputStream stream(&wire);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return wire;
}

void MakePrintable(Message* message, std::minstd_rand& random);

void PackAny(google::protobuf::Any* any, std::minstd_rand& random) {
  const auto number = static_cast<int32_t>(random() % 1000);
  switch (random() % 4) {
    case 0: {
      google::protobuf::Duration duration;
      duration.set_seconds(number);
      any->PackFrom(duration);
      return;
    }
    case 1: {
      google::protobuf::Struct object;
      (*object.mutable_fields())["a"].set_number_value(number);
      any->PackFrom(object);
      return;
    }
    case 2: {
      google::protobuf::Any inner;
      inner.PackFrom(google::protobuf::Empty());
      any->PackFrom(inner);
      return;
    }
    default:
      any->PackFrom(google::protobuf::Empty());
  }
}

void MakeNumberPrintable(Message* message, const FieldDescriptor* field, std::minstd_rand& random) {
  const Reflection* reflection = message->GetReflection();
  const int count = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
  for (int i = 0; i < count; ++i) {
    // Sixteenths: few digits, all of them exact.
    const double value = (static_cast<double>(random() % 200000) - 100000) / 16;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      field->is_repeated() ? reflection->SetRepeatedDouble(message, field, i, value)
                           : reflection->SetDouble(message, field, value);
    } else {
      const auto narrow = static_cast<float>(value);
      field->is_repeated() ? reflection->SetRepeatedFloat(message, field, i, narrow)
                           : reflection->SetFloat(message, field, narrow);
    }
  }
}

void MakeChildrenPrintable(Message* message, std::minstd_rand& random) {
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->type() == FieldDescriptor::TYPE_GROUP) {
      reflection->ClearField(message, field);  // their JSON reads and writes them as messages
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) {
        MakePrintable(reflection->MutableMessage(message, field), random);
        continue;
      }
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        MakePrintable(reflection->MutableRepeatedMessage(message, field, i), random);
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ||
               field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
      MakeNumberPrintable(message, field, random);
    }
  }
}

void MakePrintable(Message* message, std::minstd_rand& random) {
  static constexpr int32_t kNanos[] = {0, 1, 500'000'000, 120'000, 999'999'999};
  const int32_t nanos = kNanos[random() % 5];
  if (auto* timestamp = dynamic_cast<google::protobuf::Timestamp*>(message)) {
    timestamp->set_seconds(static_cast<int64_t>(random()) * 100 - 50'000'000'000);
    timestamp->set_nanos(nanos);
  } else if (auto* duration = dynamic_cast<google::protobuf::Duration*>(message)) {
    const bool negative = random() % 2 == 0;
    duration->set_seconds((random() % 3 == 0 ? 0 : static_cast<int64_t>(random())) *
                          (negative ? -1 : 1));
    duration->set_nanos(negative ? -nanos : nanos);
  } else if (auto* mask = dynamic_cast<google::protobuf::FieldMask*>(message)) {
    mask->Clear();
    for (size_t i = random() % 3; i > 0; --i) mask->add_paths(i % 2 == 0 ? "foo.bar_baz" : "a");
  } else if (auto* any = dynamic_cast<google::protobuf::Any*>(message)) {
    PackAny(any, random);
  } else if (auto* null = dynamic_cast<google::protobuf::Value*>(message);
             null != nullptr && null->kind_case() == google::protobuf::Value::KIND_NOT_SET) {
    null->set_null_value(google::protobuf::NULL_VALUE);
  }
  MakeChildrenPrintable(message, random);
}

}  // namespace

std::string RandomWire(GoogleMessage kind, std::minstd_rand& random) {
  const std::unique_ptr<Message> message = NewMessage(kind);
  codec::testing::FillRandomly(message.get(), random, 3);
  MakePrintable(message.get(), random);
  return Serialize(*message);
}

std::string GoogleToJson(GoogleMessage kind, const std::string& wire,
                         const GooglePrintOptions& options, std::string* json) {
  const std::unique_ptr<Message> message = NewMessage(kind);
  if (!message->ParsePartialFromString(wire)) return "the wire does not parse";
  google::protobuf::util::JsonPrintOptions theirs;
  theirs.always_print_primitive_fields = options.print_fields_without_presence;
  theirs.preserve_proto_field_names = options.preserve_proto_names;
  theirs.always_print_enums_as_ints = options.enums_as_numbers;
  const auto status = google::protobuf::util::MessageToJsonString(*message, json, theirs);
  return status.ok() ? "" : status.ToString();
}

std::string GoogleFromJson(GoogleMessage kind, const std::string& json, bool ignore_unknown_fields,
                           std::string* wire) {
  const std::unique_ptr<Message> message = NewMessage(kind);
  google::protobuf::util::JsonParseOptions theirs;
  theirs.ignore_unknown_fields = ignore_unknown_fields;
  theirs.case_insensitive_enum_parsing = true;
  const auto status = google::protobuf::util::JsonStringToMessage(json, message.get(), theirs);
  *wire = Serialize(*message);
  return status.ok() ? "" : status.ToString();
}

std::string GoogleToText(GoogleMessage kind, const std::string& wire, bool single_line) {
  const std::unique_ptr<Message> message = NewMessage(kind);
  message->ParsePartialFromString(wire);
  google::protobuf::TextFormat::Printer printer;
  printer.SetExpandAny(true);
  printer.SetSingleLineMode(single_line);
  std::string text;
  printer.PrintToString(*message, &text);
  if (single_line && text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace penstock::codec::json::testing
