#include "penstock/http1/request_reader.h"

#include <algorithm>

#include "penstock/http1/limits.h"

namespace penstock::http1 {
namespace {

using Result = RequestReader::Result;

// RFC 9110 §5.6.2
bool IsTokenCharacter(char c) {
  const bool is_alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return is_alphanumeric || (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) !=
                                              std::string_view::npos);
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter);
}

bool IsVisible(char c) { return c > ' ' && c <= '~'; }

// RFC 9110 §5.5: no control characters but the tab.
bool IsFieldCharacter(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view lower) {
  const auto is_same = [](char x, char y) { return Lower(x) == y; };
  return a.size() == lower.size() && std::equal(a.begin(), a.end(), lower.begin(), is_same);
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The next of `text`'s parts, which `*text` loses with its separator.
std::string_view TakeUntil(std::string_view* text, char separator) {
  const size_t end = std::min(text->find(separator), text->size());
  const std::string_view part = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return part;
}

// The next line without its end, which is LF or CR LF. Spec: RFC 9112 §2.2
std::string_view TakeLine(std::string_view* text) {
  std::string_view line = TakeUntil(text, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string_view Request::QueryValue(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    std::string_view value = TakeUntil(&rest, '&');
    if (TakeUntil(&value, '=') == name) return value;
  }
  return {};
}

Result RequestReader::Refuse(int status, const char* text) {
  refusal_ = {status, text};
  return Result::kRefused;
}

Result RequestReader::Receive(wire::Bytes* input) {
  if (refusal_.status != 0) return Result::kRefused;
  while (!input->empty()) {
    const char c = static_cast<char>(input->front());
    *input = input->subspan(1);
    head_.push_back(c);
    if (head_.size() > kHeadBytesMax) {
      return Refuse(431, "the request's head is longer than 8 KiB");
    }
    if (c != '\n') continue;
    if (head_ == "\n" || head_ == "\r\n") {
      head_.clear();
      if (++blank_lines_count_ > kBlankLinesMax) return Refuse(400, "empty lines, and no request");
      continue;
    }
    if (EndsHead()) return ParseHead();
  }
  return Result::kMore;
}

// It ends with a line feed: is the line before that empty?
bool RequestReader::EndsHead() const {
  const std::string_view head = head_;
  return head.ends_with("\n\n") || head.ends_with("\n\r\n");
}

Result RequestReader::ParseHead() {
  request_ = {};
  blank_lines_count_ = fields_count_ = hosts_count_ = 0;
  std::string head;
  head.swap(head_);
  std::string_view rest = head;
  if (ParseRequestLine(TakeLine(&rest)) == Result::kRefused) return Result::kRefused;
  for (std::string_view line = TakeLine(&rest); !line.empty(); line = TakeLine(&rest)) {
    if (ParseField(line) == Result::kRefused) return Result::kRefused;
  }
  if (hosts_count_ == 0 && !is_http10_) return Refuse(400, "the request has no Host field");
  return Result::kRequest;
}

Result RequestReader::ParseRequestLine(std::string_view line) {
  const std::string_view method = TakeUntil(&line, ' ');
  const std::string_view target = TakeUntil(&line, ' ');
  if (!IsToken(method) || !line.starts_with("HTTP/")) {
    return Refuse(400, "this is not a request of HTTP/1.1");
  }
  is_http10_ = line == "HTTP/1.0";
  if (!is_http10_ && line != "HTTP/1.1") return Refuse(505, "only HTTP/1.1 is spoken here");
  if (method != "GET" && method != "HEAD") {
    return Refuse(405, "only GET and HEAD are answered here");
  }
  request_.is_head = method == "HEAD";
  request_.keep_alive = !is_http10_;
  return ParseTarget(target);
}

// "/path?query", or the same behind "http://authority". Spec: RFC 9112 §3.2
Result RequestReader::ParseTarget(std::string_view target) {
  if (!std::all_of(target.begin(), target.end(), IsVisible)) {
    return Refuse(400, "the request's target has characters that must be percent-encoded");
  }
  constexpr std::string_view kScheme = "http://";
  if (target.size() > kScheme.size() &&
      EqualsIgnoringCase(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(kScheme.size());
    const size_t path = std::min(target.find('/'), target.size());
    request_.host = target.substr(0, path);
    target.remove_prefix(path);
    if (target.empty()) target = "/";
  }
  if (!target.starts_with('/')) return Refuse(400, "the request's target is not a path");
  request_.path = TakeUntil(&target, '?');
  request_.query = target;
  return Result::kMore;
}

Result RequestReader::ParseField(std::string_view line) {
  if (++fields_count_ > kFieldsMax) return Refuse(431, "the request has more than 64 fields");
  const size_t colon = line.find(':');
  // A blank at the front would continue the line before, one before the colon hides a name.
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Refuse(400, "a field of the request is malformed");
  }
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), IsFieldCharacter)) {
    return Refuse(400, "a field of the request has control characters");
  }
  return ParseKnownField(line.substr(0, colon), value);
}

Result RequestReader::ParseKnownField(std::string_view name, std::string_view value) {
  if (EqualsIgnoringCase(name, "host")) {
    if (++hosts_count_ > 1) return Refuse(400, "the request has two Host fields");
    if (request_.host.empty()) request_.host = value;
  } else if (EqualsIgnoringCase(name, "sec-fetch-site")) {
    request_.fetch_site = value;
  } else if (EqualsIgnoringCase(name, "connection")) {
    while (!value.empty()) {
      const std::string_view option = Trim(TakeUntil(&value, ','));
      if (EqualsIgnoringCase(option, "close")) request_.keep_alive = false;
    }
  } else if (EqualsIgnoringCase(name, "transfer-encoding") ||
             (EqualsIgnoringCase(name, "content-length") && value != "0")) {
    return Refuse(413, "no content is taken here");
  }
  return Result::kMore;
}

}  // namespace penstock::http1
