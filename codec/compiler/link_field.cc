#include "penstock/codec/compiler/link_field.h"

#include <string>
#include <utility>

namespace penstock::codec::compiler {

void LinkField(const SymbolTable& symbols, const FileDescriptor& file, std::string_view scope,
               FieldDescriptor* field, Diagnostics* diagnostics) {
  const auto error = [&](Location location, std::string message) {
    diagnostics->AddError(file.path, location, std::move(message));
  };
  if (field->is_extension) {
    const Symbol* symbol =
        symbols.Resolve(file, scope, field->extendee_name, field->extendee_location);
    if (symbol != nullptr && symbol->message == nullptr) {
      error(field->extendee_location, "\"" + field->extendee_name + "\" is " +
                                          WithArticle(symbol->kind) +
                                          ": only messages can be extended");
    } else if (symbol != nullptr) {
      field->extendee = symbol->message;
      field->extendee_name = symbol->message->full_name;
    }
  }
  if (field->type_name.empty()) return;
  const Symbol* symbol = symbols.Resolve(file, scope, field->type_name, field->type_location);
  if (symbol == nullptr) return;
  if (symbol->message != nullptr) {
    if (field->type == FieldType::kEnum) field->type = FieldType::kMessage;
    field->message = symbol->message;
    field->type_name = symbol->message->full_name;
    if (symbol->message->is_map_entry && !field->is_map) {
      error(field->type_location,
            "\"" + field->type_name + "\" is the entry of a map: write map<...> instead");
    }
  } else if (symbol->enumeration != nullptr) {
    field->type = FieldType::kEnum;
    field->enumeration = symbol->enumeration;
    field->type_name = symbol->enumeration->full_name;
  } else {
    error(field->type_location,
          "\"" + field->type_name + "\" is " + WithArticle(symbol->kind) + ", not a type");
  }
}

}  // namespace penstock::codec::compiler
