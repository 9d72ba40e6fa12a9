// What the header of a generated message needs, and what its users may name: StringRule,
// ParseResult, the repeated containers.
#ifndef PENSTOCK_CODEC_MESSAGE_H_
#define PENSTOCK_CODEC_MESSAGE_H_

#include "penstock/codec/message_access.h"
#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/message_operations.h"
#include "penstock/codec/parse_result.h"
#include "penstock/codec/repeated_field.h"
#include "penstock/codec/string_field.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#endif  // PENSTOCK_CODEC_MESSAGE_H_
