// OptionInterpreter: the options of a file as the octets of FileOptions, MessageOptions and so on,
// each value checked against the option it sets, custom options included.
//
// The standard options come first, since they decide how the messages look in which custom ones
// are written.
#ifndef PENSTOCK_CODEC_COMPILER_OPTION_INTERPRETER_H_
#define PENSTOCK_CODEC_COMPILER_OPTION_INTERPRETER_H_

#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/option_values.h"
#include "penstock/codec/compiler/symbol_table.h"

namespace penstock::codec::compiler {

class OptionInterpreter {
 public:
  OptionInterpreter(const SymbolTable& symbols, FileDescriptor* file, Diagnostics* diagnostics)
      : file_(file), diagnostics_(diagnostics), values_(*file, symbols, diagnostics) {}

  void InterpretStandard() { InterpretFile(false); }
  // Behind InterpretStandard, once the fields' traits are known.
  void InterpretCustom() { InterpretFile(true); }

 private:
  void InterpretFile(bool custom);
  void InterpretMessage(MessageDescriptor* message);
  void InterpretField(FieldDescriptor* field);
  void InterpretEnum(EnumDescriptor* enumeration);
  void InterpretService(ServiceDescriptor* service);

  // `message_name` is that of the options' message, without its package; `full_name` that of what
  // they stand at.
  void Interpret(std::string_view message_name, std::string_view full_name,
                 std::vector<Option>* options, std::string* bytes);
  bool InterpretOption(const MessageDescriptor& message, std::string_view scope,
                       const Option& option, std::string* bytes);
  bool Reject(Location location, std::string message);

  FileDescriptor* const file_;
  Diagnostics* const diagnostics_;
  const OptionValues values_;
  bool custom_ = false;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_OPTION_INTERPRETER_H_
