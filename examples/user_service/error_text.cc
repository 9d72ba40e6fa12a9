#include "penstock/examples/user_service/error_text.h"

#include <string_view>

#include "penstock/examples/client_program/client_program.h"
#include "penstock/rpc/status_details.h"

#include "google/rpc/error_details.penstock.h"

namespace users {
namespace {

using penstock::DetailOf;

// What strangers wrote, in a line of its own.
std::string Line(std::string_view what, std::string_view says) {
  using penstock::examples::Printable;
  return "  " + Printable(what) + ": " + Printable(says) + "\n";
}

}  // namespace

std::string DescribeDetails(const penstock::Status& status) {
  std::string text;
  if (const auto bad = DetailOf<google::rpc::BadRequest>(status)) {
    for (const auto& each : bad->field_violations()) text += Line(each.field(), each.description());
  }
  if (const auto resource = DetailOf<google::rpc::ResourceInfo>(status)) {
    const std::string type(resource->resource_type());
    text += Line(type + " " + std::string(resource->resource_name()), resource->description());
  }
  if (const auto why = DetailOf<google::rpc::ErrorInfo>(status)) {
    std::string known;
    for (const auto& [key, value] : why->metadata()) {
      known += (known.empty() ? "" : ", ") + std::string(key) + " is " + std::string(value);
    }
    const std::string reason(why->reason());
    text += Line(reason + " of " + std::string(why->domain()), known);
  }
  if (const auto quota = DetailOf<google::rpc::QuotaFailure>(status)) {
    for (const auto& each : quota->violations()) text += Line(each.subject(), each.description());
  }
  return text;
}

}  // namespace users
