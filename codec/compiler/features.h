// Features: what a file's syntax, or an edition's features, make of its fields and enums: presence,
// packing, groups, closed enums, UTF-8. Proto2 and proto3 are sets of features, too.
//
// Spec: protobuf.dev, "Feature Settings for Editions", edition 2023.
#ifndef PENSTOCK_CODEC_COMPILER_FEATURES_H_
#define PENSTOCK_CODEC_COMPILER_FEATURES_H_

#include <string_view>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"

namespace penstock::codec::compiler {

// The values have descriptor.proto's numbers; 0: not said.
struct Features {
  enum Presence { kExplicit = 1, kImplicit = 2, kLegacyRequired = 3 };
  enum EnumType { kOpen = 1, kClosed = 2 };
  enum Encoding { kPacked = 1, kExpanded = 2 };
  enum Utf8 { kVerify = 2, kNoCheck = 3 };
  enum MessageEncoding { kLengthPrefixed = 1, kDelimited = 2 };
  enum JsonFormat { kAllow = 1, kLegacyBestEffort = 2 };

  int presence = 0;
  int enum_type = 0;
  int encoding = 0;
  int utf8 = 0;
  int message_encoding = 0;
  int json_format = 0;

  // What a file of this syntax begins with.
  static Features DefaultsOf(std::string_view syntax);
  // The features written in options, whose field `number` holds them; nothing is 0.
  static Features Written(std::string_view options_bytes, int number);
  // These, with those that `inner` says.
  Features With(const Features& inner) const;
};

// The traits of all fields and enums of a file, for the reader of its options_bytes. Whatever does
// not go together is reported.
void ResolveFeatures(FileDescriptor* file, Diagnostics* diagnostics);

// Of the file, with its own features: whether names in JSON must not collide.
bool JsonNamesMustDiffer(const MessageDescriptor& message);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_FEATURES_H_
