#include "penstock/wire/compressor.h"

namespace penstock::wire {

const char* Describe(DecompressResult result) {
  switch (result) {
    case DecompressResult::kOk:
      return "is good";
    case DecompressResult::kTooLarge:
      return "is longer than it may be";
    case DecompressResult::kCorrupt:
      return "is corrupt";
    case DecompressResult::kTruncated:
      return "ends too early";
    case DecompressResult::kTrailing:
      return "has something behind its end";
    case DecompressResult::kTooManyMembers:
      return "has too many members";
    case DecompressResult::kWindowTooLarge:
      return "needs too large a window";
    case DecompressResult::kOutOfMemory:
      return "could not be decompressed: no memory";
  }
  return "";
}

}  // namespace penstock::wire
