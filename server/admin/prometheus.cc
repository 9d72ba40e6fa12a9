#include "penstock/server/admin/prometheus.h"

#include <array>
#include <charconv>

namespace penstock::server {
namespace {

// The shortest text that reads as the same number.
std::string TextOf(double value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return std::string(text.data(), end);
}

double SecondsOf(TimeNs ns) { return static_cast<double>(ns) / static_cast<double>(kNsPerSecond); }

// A label's value; a help text knows no quotes, but to escape them does no harm.
void AppendEscaped(std::string_view value, std::string* text) {
  for (const char c : value) {
    if (c == '\\' || c == '"') *text += '\\';
    if (c == '\n') {
      *text += "\\n";
    } else {
      *text += c;
    }
  }
}

}  // namespace

void PrometheusText::Begin(std::string_view name, std::string_view type, std::string_view help) {
  text_.append("# HELP ").append(name).append(" ").append(help);
  text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void PrometheusText::AddName(std::string_view name, std::string_view suffix, const Labels& labels,
                             std::string_view le) {
  text_.append(name).append(suffix);
  char separator = '{';
  for (const auto& [label, value] : labels) {
    text_ += separator;
    text_.append(label).append("=\"");
    AppendEscaped(value, &text_);
    text_ += '"';
    separator = ',';
  }
  if (!le.empty()) {
    text_ += separator;
    text_.append("le=\"").append(le).append("\"");
    separator = ',';
  }
  if (separator == ',') text_ += '}';
}

void PrometheusText::AddValue(std::string_view value) {
  text_.append(" ").append(value).append("\n");
}

void PrometheusText::Add(std::string_view name, const Labels& labels, uint64_t value) {
  AddName(name, "", labels);
  AddValue(std::to_string(value));
}

void PrometheusText::Add(std::string_view name, const Labels& labels, double value) {
  AddName(name, "", labels);
  AddValue(TextOf(value));
}

void PrometheusText::Add(std::string_view name, const Labels& labels,
                         const wire::DurationHistogram& histogram) {
  constexpr size_t kFirst = 2;  // 1024 ns
  constexpr size_t kStep = 4;   // two powers of two
  uint64_t count = 0;
  for (size_t i = 0; i < wire::DurationHistogram::kBucketsCount; ++i) {
    count += histogram.count(i);
    if (i % kStep != kFirst) continue;
    AddName(name, "_bucket", labels, TextOf(SecondsOf(wire::DurationHistogram::UpperNs(i))));
    AddValue(std::to_string(count));
  }
  AddName(name, "_bucket", labels, "+Inf");
  AddValue(std::to_string(count));
  AddName(name, "_sum", labels);
  AddValue(TextOf(SecondsOf(histogram.sum_ns())));
  AddName(name, "_count", labels);
  AddValue(std::to_string(count));
}

void PrometheusText::Add(std::string_view name, const Labels& labels,
                         const wire::SizeHistogram& histogram) {
  constexpr size_t kFirst = 3;  // 15 octets
  constexpr size_t kLast = 23;  // 16 MiB less one
  uint64_t count = 0;
  for (size_t i = 0; i < wire::SizeHistogram::kBucketsCount; ++i) {
    count += histogram.count(i);
    if (i < kFirst || i > kLast || i % 2 == 0) continue;
    AddName(name, "_bucket", labels, std::to_string(wire::SizeHistogram::UpperBytes(i)));
    AddValue(std::to_string(count));
  }
  AddName(name, "_bucket", labels, "+Inf");
  AddValue(std::to_string(count));
  AddName(name, "_sum", labels);
  AddValue(std::to_string(histogram.sum_bytes()));
  AddName(name, "_count", labels);
  AddValue(std::to_string(count));
}

}  // namespace penstock::server
