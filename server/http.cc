#include "penstock/server/http.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "penstock/http2/hpack_field.h"

namespace penstock {
namespace {

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

// Fields that the server writes itself, or that HTTP/2 does not have.
bool IsOurs(std::string_view name) {
  using http2::FieldName;
  const FieldName token = http2::FieldNameOf(name);
  return http2::IsPseudo(token) || token == FieldName::kInvalid ||
         token == FieldName::kConnectionSpecific || token == FieldName::kContentLength ||
         token == FieldName::kContentType || token == FieldName::kTe || name == "date" ||
         name == "server";
}

// RFC 9113 §8.2.1: a message with such a value is malformed.
bool HasOuterBlank(std::string_view value) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  return !value.empty() && (is_blank(value.front()) || is_blank(value.back()));
}

}  // namespace

HttpRequest::HttpRequest(std::string_view target, bool is_head, const Metadata* fields,
                         const reactor::Socket* socket)
    : path_(server::PathOfTarget(target)),
      query_(path_.size() == target.size() ? "" : target.substr(path_.size() + 1)),
      is_head_(is_head),
      fields_(fields),
      socket_(socket) {}

void HttpReply::set_body(std::string body) {
  owned_ = std::move(body);
  is_view_ = false;
}

void HttpReply::set_body_view(std::string_view body) {
  view_ = body;
  is_view_ = true;
}

void HttpReply::SetText(int status, std::string text) {
  status_ = status;
  content_type_ = kPlainText;
  set_body(std::move(text));
}

void HttpReply::Push(std::string_view target) {
  if (pushes_.size() < kPushesMax) pushes_.emplace_back(target);
}

bool HttpReply::AddField(std::string_view name, std::string_view value) {
  if (IsOurs(name) || !http2::IsValidFieldValue(value) || HasOuterBlank(value)) return false;
  fields_.push_back({std::string(name), std::string(value)});
  return true;
}

namespace server {

std::string_view PathOfTarget(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// Not strftime(): the names must not follow a locale.
std::string FormatHttpDate(int64_t unix_seconds) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon],
                                   1900 + utc.tm_year, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return std::string(text.data(), static_cast<size_t>(length));
}

}  // namespace server
}  // namespace penstock
