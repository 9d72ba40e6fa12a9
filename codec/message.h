// What the header of a generated message needs, and what its users may name: StringRule,
// ParseResult, MapOrder, the containers of repeated fields and maps.
#ifndef PENSTOCK_CODEC_MESSAGE_H_
#define PENSTOCK_CODEC_MESSAGE_H_

#include "penstock/codec/map_field.h"
#include "penstock/codec/message_access.h"
#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/message_operations.h"
#include "penstock/codec/parse_result.h"
#include "penstock/codec/repeated_field.h"
#include "penstock/codec/required_fields.h"
#include "penstock/codec/string_field.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

#endif  // PENSTOCK_CODEC_MESSAGE_H_
