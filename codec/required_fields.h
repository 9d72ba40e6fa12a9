// Required fields of proto2: which of them a message lacks, itself and in the messages inside it.
#ifndef PENSTOCK_CODEC_REQUIRED_FIELDS_H_
#define PENSTOCK_CODEC_REQUIRED_FIELDS_H_

#include <string>

#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"

namespace penstock::codec {

bool HasRequiredFields(const MessageHead& message, const MessageLayout& layout);

// The names of the fields that are missing, with the way to them: "id, owner.name, parts[2].id".
// Those of the message stand before those inside it; a map's entry is named by its place in the
// iteration. Extensions come last, as "(full.name).id"; those that nobody asked for yet are not
// looked into. Empty when nothing is missing.
std::string MissingFields(const MessageHead& message, const MessageLayout& layout);

// Adds to *missing, with `path` in front of each name.
void AppendMissingFields(const MessageHead& message, const MessageLayout& layout,
                         const std::string& path, std::string* missing);

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_REQUIRED_FIELDS_H_
