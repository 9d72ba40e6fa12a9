#include "penstock/server/guards/access_record.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "penstock/codec/utf8.h"
#include "penstock/rpc/status_name.h"

namespace penstock::guards {
namespace {

// What each text may take in its line, escaped. Together, and with what surrounds them, they are
// less than kAccessLineBytesMax.
constexpr size_t kMethodBytesMax = 256;
constexpr size_t kPeerBytesMax = 128;
constexpr size_t kMessageBytesMax = 1024;
constexpr size_t kIdentityBytesMax = 256;
constexpr size_t kRequestIdBytesMax = 256;
constexpr size_t kOthersBytesMax = 768;
static_assert(kMethodBytesMax + kPeerBytesMax + kMessageBytesMax + kIdentityBytesMax +
                  kRequestIdBytesMax + kOthersBytesMax <=
              kAccessLineBytesMax);

constexpr std::string_view kCut = "...";

size_t SequenceBytes(char lead) {
  const auto octet = static_cast<unsigned char>(lead);
  return octet < 0x80 ? 1 : octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4;
}

class Line {
 public:
  Line(AccessFormat format, char* out) : is_json_(format == AccessFormat::kJson), begin_(out),
                                         end_(out) {
    if (is_json_) *end_++ = '{';
  }

  void Name(std::string_view name) {
    if (!is_first_) *end_++ = is_json_ ? ',' : ' ';
    is_first_ = false;
    if (is_json_) *end_++ = '"';
    Put(name);
    Put(is_json_ ? std::string_view("\":") : std::string_view("="));
  }
  template <typename Integer>
  void Number(std::string_view name, Integer value) {
    Name(name);
    end_ = std::to_chars(end_, end_ + 20, value).ptr;
  }
  // Of ours: nothing in it needs escaping.
  void Word(std::string_view name, std::string_view text) {
    Name(name);
    *end_++ = '"';
    Put(text);
    *end_++ = '"';
  }
  // Of a peer's; `prefix` is ours.
  void Text(std::string_view name, std::string_view text, size_t bytes_max,
            std::string_view prefix = {}) {
    Name(name);
    *end_++ = '"';
    Put(prefix);
    Escape(text, bytes_max - kCut.size());
    *end_++ = '"';
  }
  size_t End() {
    if (is_json_) *end_++ = '}';
    *end_++ = '\n';
    return static_cast<size_t>(end_ - begin_);
  }

 private:
  void Put(std::string_view text) { end_ = std::copy(text.begin(), text.end(), end_); }

  void Escape(std::string_view text, size_t bytes_max) {
    const char* const limit = end_ + bytes_max;
    const bool is_utf8 = codec::IsValidUtf8(text);
    while (!text.empty()) {
      const size_t bytes = is_utf8 ? SequenceBytes(text.front()) : 1;
      char escaped[6];
      const std::string_view piece = EscapeOne(text.substr(0, bytes), is_utf8, escaped);
      if (end_ + piece.size() > limit) return Put(kCut);
      Put(piece);
      text.remove_prefix(bytes);
    }
  }
  static std::string_view EscapeOne(std::string_view character, bool is_utf8, char (&escaped)[6]) {
    const auto octet = static_cast<unsigned char>(character.front());
    if (octet == '"') return "\\\"";
    if (octet == '\\') return "\\\\";
    if (octet == '\n') return "\\n";
    if (octet >= 0x80) {
      if (!is_utf8) return "\\ufffd";
      if (character == "\xe2\x80\xa8") return "\\u2028";
      if (character == "\xe2\x80\xa9") return "\\u2029";
      if (octet == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0) {
        return EscapeCode(static_cast<unsigned char>(character[1]), escaped);
      }
      return character;
    }
    if (octet >= 0x20 && octet != 0x7f) return character;
    return EscapeCode(octet, escaped);
  }
  // U+0000 to U+00FF.
  static std::string_view EscapeCode(unsigned char octet, char (&escaped)[6]) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const char text[] = {'\\', 'u', '0', '0', kDigits[octet >> 4], kDigits[octet & 0xf]};
    std::copy(std::begin(text), std::end(text), escaped);
    return {escaped, sizeof(escaped)};
  }

  const bool is_json_;
  bool is_first_ = true;
  char* const begin_;
  char* end_;
};

// Two or more digits, in front of `out`.
void WriteDigits(unsigned number, size_t digits_count, char* out) {
  for (size_t i = digits_count; i > 0; --i, number /= 10) {
    out[i - 1] = static_cast<char>('0' + number % 10);
  }
}

void AddTime(Line& line, TimeNs wall_ns) {
  char text[kWallTimeBytes];
  FormatWallTime(wall_ns, text);
  line.Word("time", {text, sizeof(text)});
}

}  // namespace

void FormatWallTime(TimeNs wall_ns, char* out) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::nanoseconds> time{std::chrono::nanoseconds(wall_ns)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto since_midnight_us = static_cast<uint64_t>(
      floor<std::chrono::microseconds>(time - day).count());
  const auto seconds = static_cast<unsigned>(since_midnight_us / 1'000'000);
  constexpr std::string_view kShape = "0000-00-00T00:00:00.000000Z";
  static_assert(kShape.size() == kWallTimeBytes);
  std::copy(kShape.begin(), kShape.end(), out);
  WriteDigits(static_cast<unsigned>(static_cast<int>(date.year())), 4, out);
  WriteDigits(static_cast<unsigned>(date.month()), 2, out + 5);
  WriteDigits(static_cast<unsigned>(date.day()), 2, out + 8);
  WriteDigits(seconds / 3600, 2, out + 11);
  WriteDigits(seconds / 60 % 60, 2, out + 14);
  WriteDigits(seconds % 60, 2, out + 17);
  WriteDigits(static_cast<unsigned>(since_midnight_us % 1'000'000), 6, out + 20);
}

size_t FormatAccess(const AccessRecord& record, AccessFormat format, char* out) {
  Line line(format, out);
  AddTime(line, record.ended_at_wall_ns);
  line.Text("method", record.method, kMethodBytesMax);
  line.Word("code", StatusName(static_cast<size_t>(record.code)));
  if (record.handler_code) {
    line.Word("handler_code", StatusName(static_cast<size_t>(*record.handler_code)));
  }
  if (!record.message.empty()) line.Text("message", record.message, kMessageBytesMax);
  line.Text("peer", record.peer, kPeerBytesMax);
  if (record.identity != nullptr) {
    // "token:anna", without making a string of it.
    const std::string_view kind = record.identity->KindText();
    char prefix[16];
    *std::copy(kind.begin(), kind.end(), prefix) = ':';
    line.Text("identity", record.identity->name, kIdentityBytesMax, {prefix, kind.size() + 1});
  }
  line.Number("duration_ns", record.duration_ns);
  if (record.deadline_left_ns != kTimeNever) {
    line.Number("deadline_left_ns", record.deadline_left_ns);
  }
  line.Number("messages_received", record.messages_received_count);
  line.Number("messages_sent", record.messages_sent_count);
  if (!record.request_id.empty()) line.Text("request_id", record.request_id, kRequestIdBytesMax);
  if (record.trace != nullptr) {
    const auto trace_id = record.trace->TraceIdText();
    line.Word("trace_id", {trace_id.data(), trace_id.size()});
    const HexId span_id = HexOf(record.trace->span_id);
    line.Word("span_id", {span_id.data(), span_id.size()});
    if (record.trace->parent_span_id != 0) {
      const HexId parent_id = HexOf(record.trace->parent_span_id);
      line.Word("parent_span_id", {parent_id.data(), parent_id.size()});
    }
  }
  if (record.sample_one_in != 1) line.Number("sample_one_in", record.sample_one_in);
  return line.End();
}

size_t FormatCount(TimeNs wall_ns, std::string_view name, uint64_t count, AccessFormat format,
                   char* out) {
  Line line(format, out);
  AddTime(line, wall_ns);
  line.Number(name, count);
  return line.End();
}

}  // namespace penstock::guards
