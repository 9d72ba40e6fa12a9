// Parsing and serialising by layout: what messages without a class have in place of generated
// functions. Slower than those, since each field is looked at anew.
#ifndef PENSTOCK_CODEC_REFLECTION_TABLE_FUNCTIONS_H_
#define PENSTOCK_CODEC_REFLECTION_TABLE_FUNCTIONS_H_

#include "penstock/codec/message_layout.h"

namespace penstock::codec::reflection {

// Whatever they read or write is what generated code would, octet by octet.
extern const TableFunctions kTableFunctions;

// table_parse.cc and table_serialize.cc
const uint8_t* ParseByTable(MessageHead& message, const MessageLayout& layout, Parser& parser,
                            const uint8_t* p, const uint8_t* end);
size_t SizeByTable(const MessageHead& message, const MessageLayout& layout);
uint8_t* SerializeByTable(const MessageHead& message, const MessageLayout& layout, uint8_t* p,
                          MapOrder order);

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_TABLE_FUNCTIONS_H_
