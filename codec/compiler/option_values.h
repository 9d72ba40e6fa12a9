// Values of options as octets of the wire format, checked against the field they are for.
//
// Spec: protobuf.dev, "Text Format Language Specification", for aggregates.
#ifndef PENSTOCK_CODEC_COMPILER_OPTION_VALUES_H_
#define PENSTOCK_CODEC_COMPILER_OPTION_VALUES_H_

#include <string>
#include <string_view>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/symbol_table.h"

namespace penstock::codec::compiler {

class OptionValues {
 public:
  OptionValues(const FileDescriptor& file, const SymbolTable& symbols, Diagnostics* diagnostics)
      : file_(file), symbols_(symbols), diagnostics_(diagnostics) {}

  // The value of `option` as `field` on the wire, tag included; false after a fault was reported.
  // `name` is what messages call it.
  bool Encode(const FieldDescriptor& field, const Option& option, std::string_view name,
              std::string* out) const;

  // The extension that "(name)" means in `scope`, if it extends `message`; else reports.
  const FieldDescriptor* FindExtension(const MessageDescriptor& message, std::string_view scope,
                                       std::string_view name, Location location) const;

  // The field of a name, or null after it was reported with the nearest name there is.
  const FieldDescriptor* FindField(const MessageDescriptor& message, std::string_view name,
                                   std::string_view what, Location location) const;

 private:
  // `in_text`: inside an aggregate, where more ways of writing are allowed.
  bool EncodeScalar(const FieldDescriptor& field, const Option& option, std::string_view name,
                    bool in_text, std::string* out) const;
  bool EncodeEnum(const FieldDescriptor& field, const Option& option, std::string_view name,
                  bool in_text, uint64_t* number) const;
  bool EncodeMessage(const MessageDescriptor& message, const Option& aggregate,
                     std::string* out) const;
  bool EncodeField(const MessageDescriptor& message, const FieldDescriptor& field,
                   const Option& option, std::string* out) const;
  bool EncodeAny(const MessageDescriptor& message, const Option& option, std::string* out) const;
  bool Reject(Location location, std::string message) const;

  const FileDescriptor& file_;
  const SymbolTable& symbols_;
  Diagnostics* const diagnostics_;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_OPTION_VALUES_H_
