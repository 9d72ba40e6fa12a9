// LinkField: from the names that a field has of its type and its extendee to what they mean.
#ifndef PENSTOCK_CODEC_COMPILER_LINK_FIELD_H_
#define PENSTOCK_CODEC_COMPILER_LINK_FIELD_H_

#include <string_view>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/symbol_table.h"

namespace penstock::codec::compiler {

// Sets the pointers of a field or an extension that stands in `scope` of `file`; what cannot be
// resolved stays null, and is reported.
void LinkField(const SymbolTable& symbols, const FileDescriptor& file, std::string_view scope,
               FieldDescriptor* field, Diagnostics* diagnostics);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_LINK_FIELD_H_
