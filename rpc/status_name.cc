#include "penstock/rpc/status_name.h"

namespace penstock {
namespace {

struct Names {
  std::string_view name;
  std::string_view in_go;
};

// By their codes.
constexpr Names kNames[] = {
    {"OK", "OK"},
    {"CANCELLED", "Canceled"},
    {"UNKNOWN", "Unknown"},
    {"INVALID_ARGUMENT", "InvalidArgument"},
    {"DEADLINE_EXCEEDED", "DeadlineExceeded"},
    {"NOT_FOUND", "NotFound"},
    {"ALREADY_EXISTS", "AlreadyExists"},
    {"PERMISSION_DENIED", "PermissionDenied"},
    {"RESOURCE_EXHAUSTED", "ResourceExhausted"},
    {"FAILED_PRECONDITION", "FailedPrecondition"},
    {"ABORTED", "Aborted"},
    {"OUT_OF_RANGE", "OutOfRange"},
    {"UNIMPLEMENTED", "Unimplemented"},
    {"INTERNAL", "Internal"},
    {"UNAVAILABLE", "Unavailable"},
    {"DATA_LOSS", "DataLoss"},
    {"UNAUTHENTICATED", "Unauthenticated"},
};
constexpr size_t kUnknown = 2;

const Names& NamesOf(size_t code) {
  return kNames[code < sizeof kNames / sizeof kNames[0] ? code : kUnknown];
}

}  // namespace

std::string_view StatusName(size_t code) { return NamesOf(code).name; }
std::string_view StatusNameInGo(size_t code) { return NamesOf(code).in_go; }

}  // namespace penstock
