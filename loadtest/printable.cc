#include "penstock/loadtest/printable.h"

namespace penstock::loadtest {
namespace {

constexpr unsigned char kDelete = 0x7f;
// What U+0080 to U+009F begin with; their second octets are 0x80 to 0x9f.
constexpr unsigned char kHighControlLead = 0xc2;

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool is_high_control = octet == kHighControlLead && next >= 0x80 && next < 0xa0;
    const bool is_control = octet < ' ' || octet == kDelete || is_high_control;
    printable += is_control ? ' ' : text[i];
    if (is_high_control) ++i;
  }
  return printable;
}

}  // namespace penstock::loadtest
