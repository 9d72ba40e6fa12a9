#include "penstock/codec/compiler/diagnostics.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace penstock::codec::compiler {

std::string Diagnostic::ToString() const {
  std::string text = file;
  if (location.line > 0) {
    text += ":" + std::to_string(location.line) + ":" + std::to_string(location.column);
  }
  text += severity == Severity::kError ? ": error: " : ": warning: ";
  return text + message;
}

void Diagnostics::AddError(std::string_view file, Location location, std::string message) {
  if (error_count_++ >= kErrorsMax) return;
  all_.push_back({Severity::kError, std::string(file), location, std::move(message)});
}

void Diagnostics::AddWarning(std::string_view file, Location location, std::string message) {
  all_.push_back({Severity::kWarning, std::string(file), location, std::move(message)});
}

std::string Diagnostics::ToString() const {
  // Files stay in the order in which they were first spoken of.
  std::map<std::string_view, size_t> file_order;
  for (const Diagnostic& diagnostic : all_) file_order.emplace(diagnostic.file, file_order.size());
  std::vector<size_t> order(all_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [&](size_t index) {
    const Diagnostic& diagnostic = all_[index];
    return std::tuple(file_order[diagnostic.file], diagnostic.location.line,
                      diagnostic.location.column, index);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  std::string text;
  for (size_t index : order) text += all_[index].ToString() + "\n";
  if (error_count_ > kErrorsMax) {
    text += "and " + std::to_string(error_count_ - kErrorsMax) + " more errors\n";
  }
  return text;
}

}  // namespace penstock::codec::compiler
